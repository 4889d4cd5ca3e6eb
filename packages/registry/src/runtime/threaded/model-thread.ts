// The thread of one model: opens it and runs it for the thread that started it, which sends one request at a time.
import { parentPort } from 'node:worker_threads'
import type { ModelRequest } from '../isolated/messages.ts'
import { modelAnswers } from '../model-answers.ts'
import { STOP } from './stop.ts'

const answer = modelAnswers(() => 0)

parentPort?.on('message', (request: ModelRequest | typeof STOP) => {
  // Without its port the thread ends as soon as nothing is left to do.
  if (request === STOP) parentPort?.close()
  else void answer(request).then((reply) => parentPort?.postMessage(reply))
})
