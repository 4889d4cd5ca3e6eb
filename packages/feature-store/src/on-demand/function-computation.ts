import { MartletError, type ColumnType } from '@martlet/warehouse'
import type { OnDemandFunction } from '../define/on-demand/on-demand-function.ts'
import type { FunctionPlan } from '../plan/on-demand-plan.ts'
import { doubleOf, type Value } from '../vocabulary/algebra/value.ts'
import type { Computation } from './computation.ts'
import { isExpectedValue, valueReader } from './request-value.ts'

/**
 * Compiles a function to be run row by row. It is given one object for all rows, whose members are read from the
 * present one: a batch makes no objects for its rows.
 *
 * The computation throws ON_DEMAND_FAILED when the function throws, or returns what its output does not allow.
 */
export function functionComputation(plan: FunctionPlan, compute: OnDemandFunction): Computation {
  const row: { values: readonly Value[] } = { values: [] }
  const call = Object.freeze({
    features: window(row, plan.inputs, 0),
    request: window(row, plan.request, plan.inputs.length),
  })
  const outputs = plan.features.map((feature) => ({ name: feature.name, read: valueReader(feature) }))
  const names = new Set(outputs.map(({ name }) => name))
  return (values) => {
    row.values = values
    const returned = called(plan, compute, call)
    if (typeof returned !== 'object' || returned === null || returned instanceof Promise)
      throw failed(plan, `returned ${nameOf(returned)}; it must return an object of values`)
    const given = new Map(Object.entries(returned))
    for (const name of given.keys())
      if (!names.has(name)) throw failed(plan, `returned '${name}', which its output does not have`)
    return outputs.map(({ name, read }) => {
      const value = read(given.get(name))
      if (isExpectedValue(value))
        throw failed(plan, `returned ${shown(given.get(name))} as '${name}', which must be ${value.expected}`)
      return value
    })
  }
}

function called(plan: FunctionPlan, compute: OnDemandFunction, call: Parameters<OnDemandFunction>[0]): unknown {
  try {
    return compute(call)
  } catch (error) {
    throw failed(plan, `failed: ${error instanceof Error ? error.message : String(error)}`, error)
  }
}

function failed({ name, version }: FunctionPlan, what: string, cause?: unknown): MartletError {
  return new MartletError('ON_DEMAND_FAILED', `compute of on-demand feature ${name} (version ${version}) ${what}.`, {
    data: { onDemand: name, version },
    ...(cause === undefined ? {} : { cause }),
  })
}

/** An object with a member for each column, which reads the present row. */
function window(
  row: { readonly values: readonly Value[] },
  columns: readonly { readonly name: string; readonly type: ColumnType }[],
  first: number,
): Readonly<Record<string, unknown>> {
  const members = columns.map(({ name, type }, i) => {
    const place = first + i
    return [name, { enumerable: true, get: () => plain(row.values[place] ?? null, type) }] as const
  })
  return Object.freeze(Object.defineProperties({}, Object.fromEntries(members)))
}

/** A value as a function is given it: numbers as numbers, instants as Dates, dates as text. */
function plain(value: Value, type: ColumnType): unknown {
  if (type === 'double') return typeof value === 'number' && Number.isFinite(value) ? value : null
  if (typeof value !== 'bigint') return value
  if (type === 'timestamp' || type === 'date') {
    const date = new Date(Number(value / 1000n - (value % 1000n < 0n ? 1n : 0n)))
    if (type === 'timestamp') return date
    return Number.isNaN(date.getTime()) ? null : date.toISOString().slice(0, -14)
  }
  return doubleOf(value, type)
}

function nameOf(value: unknown): string {
  if (value instanceof Promise) return 'a promise'
  return value === null ? 'null' : typeof value
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return 'nothing'
  if (typeof value === 'string') return `'${value.slice(0, 40)}'`
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  return value instanceof Date ? 'a Date' : `a value of type ${typeof value}`
}
