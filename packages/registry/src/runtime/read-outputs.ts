import { MartletError } from '@martlet/warehouse'
import { isElementType } from '../artifact/onnx/element-type.ts'
import { tensorOf } from './make-tensor.ts'
import type { Tensors } from './onnx-runtime.ts'
import type { RawOutput } from './ort-session.ts'

/**
 * Checks the outputs of a session.
 *
 * @throws MartletError OUTPUT_UNSUPPORTED when an output is missing or of a type that cannot be served
 */
export function readOutputs(
  outputs: Readonly<Record<string, RawOutput | undefined>>,
  fetches: readonly string[],
): Tensors {
  return Object.fromEntries(
    fetches.map((name) => {
      const tensor = outputs[name]
      if (tensor === undefined || !isElementType(tensor.type))
        throw new MartletError(
          'OUTPUT_UNSUPPORTED',
          `Output ${JSON.stringify(name)} of the model is ${tensor?.type ?? 'missing'}. Cast it to float32 in the model.`,
          { data: { output: name } },
        )
      return [name, tensorOf(tensor.type, tensor.dims, tensor.data)]
    }),
  )
}
