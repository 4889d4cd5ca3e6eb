import { MartletError } from '@martlet/warehouse'
import { isElementType } from '../artifact/onnx/element-type.ts'
import { tensorOf } from './make-tensor.ts'
import type { Tensor } from './onnx-runtime.ts'

/** A tensor whose element type is not known to the compiler. */
export interface GivenTensor {
  readonly element: string
  readonly dims: readonly number[]
  readonly data: ArrayBufferView | readonly string[]
}

/**
 * A tensor from elsewhere, after a check that its array is of the right kind.
 *
 * @throws MartletError TENSOR_INVALID when the element type is unknown or the array cannot hold it
 */
export function givenTensor({ element, dims, data }: GivenTensor): Tensor {
  if (isElementType(element) && isArray(data)) return tensorOf(element, dims, data)
  throw new MartletError('TENSOR_INVALID', `${element} is not an element type of models. Pass another tensor.`, {
    data: { element },
  })
}

function isArray(data: GivenTensor['data']): data is Extract<GivenTensor['data'], ArrayLike<unknown>> {
  return !(data instanceof DataView)
}
