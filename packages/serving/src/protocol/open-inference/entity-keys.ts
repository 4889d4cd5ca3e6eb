import { askedOf, type Asked, type PreparedRead } from '../../desk/features/prepared-read.ts'
import { Problem } from '../../desk/problem.ts'
import { shown } from '../../desk/shown.ts'
import { numberOfHalf } from './half.ts'
import type { GivenInput } from './infer-request.ts'
import { invalid } from './invalid.ts'

/**
 * Entity keys, and what a request brings for them, from tensors called like their columns: one value per row.
 *
 * @param model the model that they are for, as messages name it
 * @throws Problem 400 that names the input
 */
export function askedByKeys(read: PreparedRead, inputs: readonly GivenInput[], model: string): Asked {
  const keys = read.keys.columns
  const request = read.request?.columns ?? []
  const rows = inputs[0]?.shape[0] ?? 0
  const columns = inputs.map((input): Column => {
    const { place, name, shape } = input
    if (!keys.includes(name) && !request.includes(name)) throw unknownColumn(input, model, [...keys, ...request])
    if (shape.length > 2 || (shape.length === 2 && shape[1] !== 1))
      throw invalid(`${place}.shape`, `is [${shape.join(', ')}]; keys have the shape [N] or [N, 1]`)
    if (shape[0] !== rows) throw invalid(`${place}.shape`, `has ${shape[0]} rows, and ${inputs[0]?.place} has ${rows}`)
    return { place, name, values: scalars(input) }
  })
  const missing = keys.filter((name) => !columns.some((column) => column.name === name))
  if (missing.length > 0)
    throw invalid('inputs', `lacks ${missing.join(', ')}, a key of the features of model ${model}`)
  const body = {
    keys: rowsOf(
      columns.filter(({ name }) => keys.includes(name)),
      rows,
    ),
    ...(columns.some(({ name }) => request.includes(name))
      ? {
          request: rowsOf(
            columns.filter(({ name }) => request.includes(name)),
            rows,
          ),
        }
      : {}),
  }
  return placedIn(columns, () => askedOf(read, body))
}

interface Column {
  readonly place: string
  readonly name: string
  readonly values: readonly unknown[]
}

function rowsOf(columns: readonly Column[], rows: number): readonly Readonly<Record<string, unknown>>[] {
  return Array.from({ length: rows }, (_, row) =>
    Object.fromEntries(columns.map(({ name, values }) => [name, values[row]])),
  )
}

/** The values as JSON has them: whole numbers beyond 2^53 are digits, and what is not a number is null. */
function scalars({ datatype, read }: GivenInput): readonly unknown[] {
  const data = read()
  if (Array.isArray(data)) return data
  const values: ArrayLike<number | bigint> = data
  return Array.from(values, (value) => {
    if (datatype === 'BOOL') return value === 1
    if (typeof value === 'bigint') {
      const number = Number(value)
      return Number.isSafeInteger(number) ? number : value.toString()
    }
    const number = datatype === 'FP16' ? numberOfHalf(value) : value
    return Number.isFinite(number) ? number : null
  })
}

const PLACE = /^(?:keys|request)(?:\[(\d+)\](?:\.(\w+))?)?/

/** Does something that names places as `keys[3].customer_id`, and lets it name the input instead. */
function placedIn<T>(columns: readonly Column[], read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    throw replaced(error, ([, row, name]) => {
      const column = columns.find((one) => one.name === name)
      if (row === undefined) return 'inputs'
      return column === undefined ? `row ${row} of the inputs` : `${column.place}.data[${row}]`
    })
  }
}

/** A refusal of the desk, which names rows by their keys, as one that names rows. */
export function placedInRows(problem: Problem): Problem {
  return replaced(problem, ([, row]) => (row === undefined ? 'inputs' : `row ${row}`))
}

function replaced(problem: Problem, placeOf: (match: RegExpExecArray) => string): Problem {
  const match = PLACE.exec(problem.message)
  if (match === null) return problem
  const place = placeOf(match)
  const detail = place + problem.message.slice(match[0].length)
  return new Problem(problem.status, problem.code, detail, { ...problem.details, path: place })
}

function unknownColumn({ place, name }: GivenInput, model: string, columns: readonly string[]): Problem {
  const keyed =
    columns.length === 0 ? 'its features have no keys' : `its features are looked up by ${columns.join(', ')}`
  return invalid(`${place}.name`, `is ${shown(name)}, which is not an input of model ${model}, and ${keyed}`)
}
