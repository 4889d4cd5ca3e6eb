// The process of one model: opens it and runs it for its parent, which sends one request at a time over Node's IPC.
// It loads onnxruntime and no other package, so that it starts fast and stays small. Usage: node model-process.js <parent process id>
import process from 'node:process'
import { Worker } from 'node:worker_threads'
import { openOrtSession, type OrtSession, type RawOutput } from '../ort-session.ts'
import type { ModelReply, ModelRequest } from './messages.ts'

const WATCH_MS = 500
const PARENT = Number(process.argv[2])
let session: OrtSession | undefined

// A disconnect is noticed only between runs; another thread, which native code does not block, notices that the parent is gone.
const WATCH = `setInterval(() => { if (process.ppid !== ${PARENT}) process.kill(process.pid, 'SIGKILL') }, ${WATCH_MS})`
const SMALL = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1, codeRangeSizeMb: 4, stackSizeMb: 1 }
new Worker(WATCH, { eval: true, resourceLimits: SMALL }).unref()
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
process.on('message', (request: ModelRequest) => {
  void answer(request).then((reply) => process.send?.(reply))
})

async function answer(request: ModelRequest): Promise<ModelReply> {
  try {
    return request.kind === 'open' ? await open(request.model) : await run(request)
  } catch (error) {
    return { kind: 'failed', message: error instanceof Error ? error.message : String(error) }
  }
}

async function open(model: Uint8Array): Promise<ModelReply> {
  const ort = await import('onnxruntime-node').catch((error: unknown) => String(error))
  if (typeof ort === 'string') return { kind: 'no runtime', message: ort }
  const residentBytes = process.memoryUsage.rss()
  session = await openOrtSession(ort, model)
  return { kind: 'opened', residentBytes }
}

async function run({ feeds, fetches, outputBytes }: Extract<ModelRequest, { kind: 'run' }>): Promise<ModelReply> {
  if (session === undefined) return { kind: 'failed', message: 'the model is not open' }
  const begin = performance.now()
  const given = await session.run(feeds, fetches)
  const runMs = performance.now() - begin
  const outputs: Record<string, RawOutput> = {}
  let bytes = 0
  for (const name of fetches) {
    const tensor = given[name]
    if (tensor === undefined) continue
    bytes += bytesOf(tensor.data)
    outputs[name] = { type: tensor.type, dims: tensor.dims, data: tensor.data }
  }
  return bytes > outputBytes ? { kind: 'too large', bytes } : { kind: 'answered', outputs, runMs }
}

function bytesOf(data: RawOutput['data']): number {
  if (ArrayBuffer.isView(data)) return data.byteLength
  let bytes = 0
  for (const text of data) bytes += 16 + 2 * text.length
  return bytes
}
