// The process of one model: opens it and runs it for its parent, which sends one request at a time over Node's IPC.
// Usage: node model-process.js <parent process id>
import process from 'node:process'
import { Worker } from 'node:worker_threads'
import { modelAnswers } from '../model-answers.ts'
import type { ModelRequest } from './messages.ts'

const WATCH_MS = 500
const PARENT = Number(process.argv[2])
const answer = modelAnswers(() => process.memoryUsage.rss())

// A disconnect is noticed only between runs; another thread, which native code does not block, notices that the parent is gone.
const WATCH = `setInterval(() => { if (process.ppid !== ${PARENT}) process.kill(process.pid, 'SIGKILL') }, ${WATCH_MS})`
const SMALL = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1, codeRangeSizeMb: 4, stackSizeMb: 1 }
new Worker(WATCH, { eval: true, resourceLimits: SMALL }).unref()
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
process.on('message', (request: ModelRequest) => {
  void answer(request).then((reply) => process.send?.(reply))
})
