import { MartletError } from '@martlet/warehouse'
import type { OnnxRuntime, OnnxSession } from '../runtime/onnx-runtime.ts'

/** Opens a session; rejects with `MODEL_CANNOT_OPEN` and the runtime's reason, or with the limit that the model passed. */
export async function openSession(model: string, bytes: Uint8Array, runtime: OnnxRuntime): Promise<OnnxSession> {
  return runtime.open(bytes, model).catch((cause: unknown) => {
    if (cause instanceof MartletError) throw cause
    throw new MartletError(
      'MODEL_CANNOT_OPEN',
      `${runtime.name} cannot open model ${model}: ${cause instanceof Error ? cause.message : String(cause)}`,
      { data: { model }, cause },
    )
  })
}
