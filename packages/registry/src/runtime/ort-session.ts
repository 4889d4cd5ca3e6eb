import type * as ortModule from 'onnxruntime-node'
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import type { Tensor, Tensors } from './onnx-runtime.ts'

export type Ort = typeof ortModule

/** By default every session has a pool that spins one thread per core; a server with ten models would have ten such pools. */
const SESSION: InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  // Failures are rejections; the runtime's own log would write to stderr.
  logSeverityLevel: 4,
  extra: {
    session: {
      // The bytes were checked as ONNX, so they must not be read as onnxruntime's own format.
      load_model_format: 'ONNX',
      intra_op: { allow_spinning: '0' },
      inter_op: { allow_spinning: '0' },
    },
  },
}

/** An output of onnxruntime, unchecked. */
export interface RawOutput {
  readonly type: string
  readonly dims: readonly number[]
  readonly data: OrtTensor['data']
}

/** A session with unchecked outputs that needs nothing but onnxruntime, which is all that a model's own process loads. */
export interface OrtSession {
  run(feeds: Tensors, fetches: readonly string[]): Promise<Readonly<Record<string, RawOutput | undefined>>>
  release(): Promise<void>
}

export async function openOrtSession(ort: Ort, model: Uint8Array): Promise<OrtSession> {
  const session = await ort.InferenceSession.create(model, SESSION)
  return {
    async run(feeds, fetches) {
      const inputs: Record<string, OrtTensor> = {}
      for (const [name, tensor] of Object.entries(feeds)) inputs[name] = toOrt(ort, tensor)
      const outputs: Record<string, RawOutput> = await session.run(inputs, fetches)
      for (const [name, output] of Object.entries(outputs))
        if (output.type === 'float16') outputs[name] = halves(output)
      return outputs
    },
    release: () => session.release(),
  }
}

export function ortVersion(ort: Ort): string {
  return ort.env.versions.node ?? ort.env.versions.common
}

/** Newer Node has an array of halves; this is its bits, which every Node can hold. */
function halves({ type, dims, data }: RawOutput): RawOutput {
  if (!ArrayBuffer.isView(data)) return { type, dims, data }
  return { type, dims, data: new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2) }
}

function toOrt(ort: Ort, tensor: Tensor): OrtTensor {
  // Newer Node would make an array of halves of it, which the binding of onnxruntime does not read.
  if (tensor.element === 'float16')
    return Object.assign(new ort.Tensor('uint16', tensor.data, tensor.dims), { type: 'float16' } as const)
  if (tensor.element === 'string') return new ort.Tensor('string', [...tensor.data], tensor.dims)
  return new ort.Tensor(tensor.element, tensor.data, tensor.dims)
}
