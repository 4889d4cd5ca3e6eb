import type { ModelTensors } from '../../desk/model/model-source.ts'
import type { Limits } from '../../desk/limits.ts'
import { bytesPerValue, datatypeOf } from './datatypes.ts'
import { invalid } from './invalid.ts'
import { tooManyValues, type GivenInput, type InferRequest } from './infer-request.ts'
import { readBinaryTensor, textOfBytes } from './tensor-binary.ts'

/**
 * A body without a JSON part: one row of the model's only input. At most one of its sizes may be any; a text is the whole body.
 *
 * @throws Problem 400 when the model or the body does not allow it
 */
export function rawRequest(body: Buffer, { inputs }: ModelTensors, limits: Limits): InferRequest {
  const [input] = inputs
  const place = 'The body'
  if (input === undefined || inputs.length > 1)
    throw invalid(place, `has no JSON part, and the model has ${inputs.length} inputs, not one`)
  const datatype = datatypeOf(input.element)
  if (datatype === undefined) throw invalid(place, `cannot hold ${input.element}`)
  const inner = (input.shape ?? [null, null]).slice(1)
  const given = (shape: readonly number[], read: GivenInput['read']): InferRequest => ({
    id: undefined,
    inputs: [{ place, name: input.name, datatype, shape, read }],
    outputs: undefined,
    binaryOutputs: true,
    timeoutMs: undefined,
    required: 'any',
  })
  if (datatype === 'BYTES') {
    if (inner.some((size) => size !== null && size !== 1))
      throw invalid(place, 'holds one text, and the model takes more')
    return given([1, ...inner.map(() => 1)], () => [textOfBytes(body, place)])
  }
  if (inner.filter((size) => size === null).length > 1)
    throw invalid(place, 'has no JSON part, and more than one size of the input may be any')
  const known = inner.reduce<number>((product, size) => product * (size ?? 1), bytesPerValue(datatype) ?? 1)
  const variable = inner.includes(null) ? body.length / known : 1
  const shape = [1, ...inner.map((size) => size ?? variable)]
  if (!Number.isInteger(variable) || variable * known !== body.length)
    throw invalid(place, `has ${body.length} bytes, and one row of input ${input.name} has ${known}`)
  const count = shape.reduce((product, size) => product * size, 1)
  if (count > limits.valuesPerRequest) throw tooManyValues(count, place, limits)
  return given(shape, () => readBinaryTensor(datatype, body, count, place))
}
