import type { FunctionPlan, OnDemandExample, RequestColumn } from '../plan/on-demand-plan.ts'
import { kept, restored } from '../vocabulary/algebra/kept-value.ts'
import type { Value } from '../vocabulary/algebra/value.ts'
import type { Computation } from './computation.ts'
import { isExpectedValue, valueReader } from './request-value.ts'

const EXAMPLES = 8

/** Runs a function on a few made-up rows, always the same ones. */
export function examplesOf(plan: FunctionPlan, compute: Computation): readonly OnDemandExample[] {
  const columns = columnsOf(plan)
  const candidates = columns.map(candidatesOf)
  return Array.from({ length: EXAMPLES }, (_, example) => {
    // Each column turns at a pace of its own, so that the rows differ in more than one way.
    const row = candidates.map((values, column) => values[(example * (column + 1) + column) % values.length] ?? null)
    return {
      given: row.map((value) => kept(value)),
      values: resultOf(compute, row)?.map((value) => kept(value)) ?? null,
    }
  })
}

/** The first stored example of which the function now says something else. */
export function brokenExample(plan: FunctionPlan, compute: Computation): OnDemandExample | undefined {
  const types = columnsOf(plan).map(({ type }) => type)
  return plan.examples?.find(({ given, values }) => {
    const row = given.map((value, place) => restored(value, types[place] ?? 'text'))
    const now = resultOf(compute, row)?.map((value) => kept(value)) ?? null
    return JSON.stringify(now) !== JSON.stringify(values)
  })
}

/** What a function is given in an example, as text: `{"km":3}`. */
export function exampleText(plan: FunctionPlan, { given }: OnDemandExample): string {
  return JSON.stringify(Object.fromEntries(columnsOf(plan).map(({ name }, place) => [name, given[place] ?? null])))
}

function columnsOf({ inputs, request }: FunctionPlan): readonly RequestColumn[] {
  return [
    ...inputs.map(({ name, type, default: given }) => ({ name, type, nullable: given === undefined, checks: [] })),
    ...request,
  ]
}

function resultOf(compute: Computation, row: readonly Value[]): readonly Value[] | null {
  try {
    return compute(row)
  } catch {
    return null
  }
}

const NUMBERS = [2.5, 1, 0, 7, -3, 0.25, 40, 1000]
const WHOLE = [2, 1, 0, 7, -3, 40, 1000, 5]
const INSTANTS = ['2024-02-29T12:30:00Z', '1999-12-31T23:59:59Z', '2026-01-01T00:00:00Z']
const DAYS = ['2024-02-29', '1999-12-31', '2026-01-01']

/** Values that a column may have, null among them if it may be. */
function candidatesOf(column: RequestColumn): readonly Value[] {
  const read = valueReader(column)
  const values = [...plausible(column), null].flatMap((given) => {
    const value = read(given)
    return isExpectedValue(value) ? [] : [value]
  })
  return values.length === 0 ? [null] : values
}

function plausible({ type, checks }: RequestColumn): readonly (string | number | boolean)[] {
  const bounds = checks.flatMap((check) => {
    if (check.kind !== 'range') return []
    const { min = (check.max ?? 0) - 10, max = min + 10 } = check
    return [min, max, Math.floor((min + max) / 2), (min + max) / 2]
  })
  const texts = checks.flatMap((check) => (check.kind === 'enum' ? check.values : []))
  if (typeof type === 'object') return type.decimal[1] === 0 ? [...WHOLE, ...bounds] : [...NUMBERS, ...bounds]
  switch (type) {
    case 'double':
      return [...NUMBERS, ...bounds]
    case 'integer':
    case 'bigint':
      return [...WHOLE, ...bounds]
    case 'boolean':
      return [true, false]
    case 'text':
      return [...texts, 'a', 'Zürich', '', 'abcdef', '1234']
    case 'timestamp':
      return INSTANTS
    case 'date':
      return DAYS
  }
}
