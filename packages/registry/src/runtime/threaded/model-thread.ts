// The thread of one model: opens it and runs it for the thread that started it, which sends one request at a time.
import { parentPort } from 'node:worker_threads'
import type { ModelRequest } from '../isolated/messages.ts'
import { modelAnswers } from '../model-answers.ts'

const answer = modelAnswers(() => 0)

parentPort?.on('message', (request: ModelRequest) => {
  void answer(request).then((reply) => parentPort?.postMessage(reply))
})
