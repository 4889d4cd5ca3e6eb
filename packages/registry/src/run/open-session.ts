import { MartletError } from '@martlet/warehouse'
import type { OnnxRuntime, OnnxSession } from '../runtime/onnx-runtime.ts'

/**
 * Opens a session.
 *
 * @throws MartletError MODEL_CANNOT_OPEN when the runtime cannot open the model; the message has its reason
 * @throws MartletError MODEL_TIME_LIMIT when opening takes too long
 * @throws MartletError MODEL_MEMORY_LIMIT when opening needs too much memory
 */
export async function openSession(model: string, bytes: Uint8Array, runtime: OnnxRuntime): Promise<OnnxSession> {
  return runtime.open(bytes, model).catch((cause: unknown) => {
    if (cause instanceof MartletError) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new MartletError(
      'MODEL_CANNOT_OPEN',
      `${runtime.name} cannot open model ${model}. Correct what it says and export the model again: ${reason}`,
      { data: { model }, cause },
    )
  })
}
