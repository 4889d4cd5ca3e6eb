import { sameType, typeText, type ColumnSpec, type ColumnType } from '../column.ts'
import { nearestName } from '../nearest-name.ts'
import type { Warehouse } from '../warehouse.ts'
import { stepError, type StepName } from './step-error.ts'
import { sql, type Sql } from '../sql.ts'

/** One column of a target, and the source's column of that name as the target's type. */
export interface FittedColumn extends ColumnSpec {
  readonly value: Sql
}

/**
 * The columns of a target with the values that the source `q` has for them. A type becomes another one only where every
 * value fits. What the source has besides is not read.
 * @throws MartletError STEP_MISFIT naming every column that the source lacks, or has with another type
 */
export function fitColumns(
  warehouse: Warehouse,
  step: StepName,
  {
    into,
    target,
    source,
  }: {
    readonly into: string
    readonly target: readonly ColumnSpec[]
    readonly source: readonly ColumnSpec[]
  },
): readonly FittedColumn[] {
  const given = new Map(source.map((column) => [column.name, column]))
  const wanted = new Set(target.map(({ name }) => name.toLowerCase()))
  const problems: string[] = []
  const fitted = target.flatMap((column): readonly FittedColumn[] => {
    const name = column.name.toLowerCase()
    const has = given.get(name)
    if (has === undefined) {
      const near = nearestName(
        name,
        [...given.keys()].filter((other) => !wanted.has(other)),
      )
      problems.push(`${name} is missing${near === undefined ? '' : ` (there is ${near})`}`)
      return []
    }
    const value = sql.id('q', name)
    const nullable = column.nullable ?? true
    if (sameType(has.type, column.type)) return [{ name, type: column.type, nullable, value }]
    if (!widens(has.type, column.type)) {
      problems.push(`${name} is ${typeText(has.type)}, and ${typeText(column.type)} in ${into}`)
      return []
    }
    const cast = sql`CAST(${value} AS ${warehouse.leaves.columnType(column.type)})`
    return [{ name, type: column.type, nullable, value: cast }]
  })
  if (problems.length > 0)
    throw stepError(
      'STEP_MISFIT',
      step,
      `the columns that it reads do not fit ${into}: ${problems.join('; ')}. Write a query with the columns of the ` +
        'table, and CAST where the type differs.',
      { into, problems },
    )
  return fitted
}

/** Whether every value of the first type is one of the second. */
function widens(from: ColumnType, to: ColumnType): boolean {
  if (from === 'date') return to === 'timestamp'
  const digits = wholeDigits(from)
  if (digits === undefined) return false
  if (to === 'bigint') return digits <= 10 && fraction(from) === 0
  if (to === 'double') return digits + fraction(from) <= 15
  const room = wholeDigits(to)
  return typeof to === 'object' && room !== undefined && room >= digits && fraction(to) >= fraction(from)
}

function wholeDigits(type: ColumnType): number | undefined {
  if (typeof type === 'object') return type.decimal[0] - type.decimal[1]
  return type === 'integer' ? 10 : type === 'bigint' ? 19 : undefined
}

function fraction(type: ColumnType): number {
  return typeof type === 'object' ? type.decimal[1] : 0
}
