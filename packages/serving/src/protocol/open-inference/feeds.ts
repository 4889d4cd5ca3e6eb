import { nearestName } from '@martlet/warehouse'
import type { Limits } from '../../desk/limits.ts'
import type { InputTensor, ModelTensors, ServableModel, TensorSlot } from '../../desk/model/model-source.ts'
import type { Feeds } from '../../desk/model/predict/tensor-runs.ts'
import { Problem } from '../../desk/problem.ts'
import { shown } from '../../desk/shown.ts'
import { datatypeOf, elementOf } from './datatypes.ts'
import type { GivenInput } from './infer-request.ts'
import { invalid } from './invalid.ts'

export interface CheckedFeeds {
  readonly feeds: Feeds
  readonly rows: number
}

/**
 * The inputs of a request as those of a model: all of them, of its datatypes and shapes, and with the same number of rows.
 *
 * @throws Problem 400 that names the input, 413 for too many rows
 */
export function checkedFeeds(
  given: readonly GivenInput[],
  { model }: ServableModel,
  { inputs, batch }: ModelTensors,
  limits: Limits,
): CheckedFeeds {
  const names = inputs.map(({ name }) => name)
  const [first] = given
  const rows = first?.shape[0] ?? 0
  for (const input of given) {
    const slot = inputs.find(({ name }) => name === input.name)
    if (slot === undefined) throw unknownInput(input, model, names)
    checkInput(input, slot)
    if (input.shape[0] !== rows)
      throw invalid(`${input.place}.shape`, `has ${input.shape[0]} rows, and ${first?.place} has ${rows}`)
    if (rows > limits.keysPerRequest) {
      const detail = `${input.place}.shape has ${rows} rows; the limit is ${limits.keysPerRequest}. Split the request.`
      throw new Problem(413, 'TOO_MANY_ROWS', detail, { path: `${input.place}.shape` })
    }
    if (batch !== null && rows !== batch)
      throw invalid(`${input.place}.shape`, `has ${rows} rows, and model ${model} takes ${batch} at once`)
  }
  const missing = names.filter((name) => !given.some((input) => input.name === name))
  if (missing.length > 0) throw invalid('inputs', `lacks ${missing.join(', ')}, which model ${model} takes`)
  return { feeds: Object.fromEntries(given.map((input) => [input.name, tensorOf(input)])), rows }
}

function checkInput({ place, name, datatype, shape }: GivenInput, slot: TensorSlot): void {
  const wanted = datatypeOf(slot.element)
  if (wanted !== datatype)
    throw invalid(`${place}.datatype`, `is ${datatype}, and input ${name} is ${wanted ?? slot.element}`)
  const { shape: sizes } = slot
  if (sizes === null) return
  if (sizes.length === shape.length && sizes.every((size, index) => size === null || size === shape[index])) return
  const says = `[${sizes.map((size) => size ?? -1).join(', ')}]`
  throw invalid(`${place}.shape`, `is [${shape.join(', ')}], and input ${name} has the shape ${says} (-1: any size)`)
}

function tensorOf(input: GivenInput): InputTensor {
  const data = input.read()
  if (Array.isArray(data)) {
    const cut = data.findIndex((text) => text.includes('\0'))
    if (cut !== -1)
      throw invalid(`value ${cut} of ${input.place}`, 'has a NUL character, where the runtime would cut it')
  }
  return { element: elementOf(input.datatype), dims: input.shape, data }
}

function unknownInput({ place, name }: GivenInput, model: string, names: readonly string[]): Problem {
  const suggestion = nearestName(name, names)
  const hint = suggestion === undefined ? '' : ` Did you mean ${suggestion}?`
  const detail = `${place}.name is ${shown(name)}, which is not an input of model ${model}. It has ${names.join(', ')}.${hint}`
  return new Problem(400, 'INFER_INVALID', detail, { path: `${place}.name` })
}
