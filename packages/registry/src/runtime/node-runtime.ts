import { MartletError } from '@martlet/warehouse'
import type * as ortModule from 'onnxruntime-node'
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { isElementType } from '../artifact/onnx/element-type.ts'
import { tensorOf } from './make-tensor.ts'
import type { OnnxRuntime, OnnxSession, Tensor } from './onnx-runtime.ts'

type Ort = typeof ortModule

/** Default pools spin one thread a core for each session; a server with ten models would hold ten such pools. */
const SESSION: InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  // failures come as rejections; the runtime's own log would write to stderr
  logSeverityLevel: 4,
  extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
}

/**
 * Runs models with onnxruntime-node on the calling thread. The package is an optional peer and is loaded at the first model;
 * without it `open` rejects with `RUNTIME_MISSING`.
 */
export async function nodeRuntime(): Promise<OnnxRuntime> {
  const ort = await loadOrt()
  return {
    name: `onnxruntime-node ${ort.env.versions.node ?? ort.env.versions.common}`,
    async open(model) {
      const session = await ort.InferenceSession.create(model, SESSION)
      return sessionOf(ort, session)
    },
  }
}

async function loadOrt(): Promise<Ort> {
  try {
    return await import('onnxruntime-node')
  } catch (cause) {
    throw new MartletError(
      'RUNTIME_MISSING',
      `onnxruntime-node could not be loaded on ${process.platform}-${process.arch}. Install it (npm install onnxruntime-node), or pass another \`runtime\` where it has no binary (Alpine, Intel macOS).`,
      { cause },
    )
  }
}

function sessionOf(ort: Ort, session: InferenceSession): OnnxSession {
  return {
    async run(feeds, fetches) {
      const inputs: Record<string, OrtTensor> = {}
      for (const [name, tensor] of Object.entries(feeds)) inputs[name] = toOrt(ort, tensor)
      const outputs = await session.run(inputs, fetches)
      return Object.fromEntries(fetches.map((name) => [name, fromOrt(name, outputs[name])]))
    },
    release: () => session.release(),
  }
}

function toOrt(ort: Ort, tensor: Tensor): OrtTensor {
  if (tensor.element === 'string') return new ort.Tensor('string', [...tensor.data], tensor.dims)
  return new ort.Tensor(tensor.element, tensor.data, tensor.dims)
}

function fromOrt(name: string, tensor: OrtTensor | undefined): Tensor {
  if (tensor === undefined || !isElementType(tensor.type))
    throw new MartletError(
      'OUTPUT_UNSUPPORTED',
      `Output ${JSON.stringify(name)} of the model is ${tensor?.type ?? 'absent'}; cast it to float32 in the model.`,
      { data: { output: name } },
    )
  return tensorOf(tensor.type, tensor.dims, tensor.data)
}
