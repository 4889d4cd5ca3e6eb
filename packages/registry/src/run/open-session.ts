import { MartletError } from '@martlet/warehouse'
import { runtimeReason } from './runtime-reason.ts'
import type { OnnxRuntime, OnnxSession } from '../runtime/onnx-runtime.ts'

/**
 * Opens a session.
 *
 * @throws MartletError MODEL_CANNOT_OPEN when the runtime cannot open the model; the message says why, `data.runtime` in its own words
 * @throws MartletError MODEL_TIME_LIMIT when opening takes too long
 * @throws MartletError MODEL_MEMORY_LIMIT when opening needs too much memory
 */
export async function openSession(model: string, bytes: Uint8Array, runtime: OnnxRuntime): Promise<OnnxSession> {
  return runtime.open(bytes, model).catch((cause: unknown) => {
    if (cause instanceof MartletError) throw cause
    const said = cause instanceof Error ? cause.message : String(cause)
    const { what, fix } = runtimeReason(said)
    throw new MartletError('MODEL_CANNOT_OPEN', `${runtime.name} cannot open model ${model}: ${what}. ${fix}`, {
      data: { model, reason: what, runtime: said },
      cause,
    })
  })
}
