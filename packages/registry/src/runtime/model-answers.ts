import type { ModelReply, ModelRequest } from './isolated/messages.ts'
import { openOrtSession, type OrtSession, type RawOutput } from './ort-session.ts'

/**
 * Answers the requests to one model, wherever it has been given a process or a thread. Loads onnxruntime and no other package, so
 * that it starts fast and stays small.
 *
 * @param memory what the model's own memory is counted from, bytes; asked for before the model is opened
 */
export function modelAnswers(memory: () => number): (request: ModelRequest) => Promise<ModelReply> {
  let session: OrtSession | undefined

  async function open(model: Uint8Array): Promise<ModelReply> {
    const ort = await import('onnxruntime-node').catch((error: unknown) => String(error))
    if (typeof ort === 'string') return { kind: 'no runtime', message: ort }
    const residentBytes = memory()
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

  return async (request) => {
    try {
      return request.kind === 'open' ? await open(request.model) : await run(request)
    } catch (error) {
      return { kind: 'failed', message: error instanceof Error ? error.message : String(error) }
    }
  }
}

function bytesOf(data: RawOutput['data']): number {
  if (ArrayBuffer.isView(data)) return data.byteLength
  let bytes = 0
  for (const text of data) bytes += 16 + 2 * text.length
  return bytes
}
