import type { NeighbourExpression } from '../../src/plan/expression.ts'
import type { AggregatePlan, CombinedPlan } from '../../src/plan/feature-plan.ts'
import { sourceKeys, type EventsPlan } from '../../src/plan/source-plan.ts'
import type { ViewPlan } from '../../src/plan/view-plan.ts'
import { present, compare, type Value, type Row } from './row.ts'
import { DAY, type OracleMart, type KnownSource, type KnownFeature } from './mart.ts'
import { validRow } from './dimension.ts'
import { evaluate } from './expression.ts'

/** Facts of the entity that count at T: strictly before it and, with an arrival time, arrived by T + delay. */
export function factsOf(mart: OracleMart, view: ViewPlan, key: Row, T: number): readonly Row[] {
  const source = view.source as KnownSource
  if (source?.kind !== 'fact') return []
  const names = sourceKeys(source, view.entity)
  return attributed(mart, source)
    .filter((row) => view.entity.keys.every(({ name }, i) => row[names[i] ?? name] === key[name]))
    .filter((row) => isInterval(source, row) && time(row, source.eventTime) < T)
    .filter(
      (row) => source.knownAt === null || (row[source.knownAt] !== null && time(row, source.knownAt) <= T + view.delay),
    )
    .map((row) => ({
      ...row,
      '~us': time(row, source.eventTime),
      '~until': (source.end === undefined ? null : row[source.end]) ?? Infinity,
      '~sequence': source.sequence === null ? 0 : (row[source.sequence] ?? null),
    }))
}

const known = new WeakMap<OracleMart, Map<EventsPlan, readonly Row[]>>()

/** All events of a source; they are the same for every entity and T. */
function attributed(mart: OracleMart, source: EventsPlan): readonly Row[] {
  const sources = known.get(mart) ?? new Map<EventsPlan, readonly Row[]>()
  known.set(mart, sources)
  const rows = sources.get(source) ?? (mart.tables[source.table] ?? []).map((row) => withAttributes(mart, source, row))
  sources.set(source, rows)
  return rows
}

/** An event with the columns that dimensions give it as of its own time, and with what they are joined on. */
function withAttributes(mart: OracleMart, { computed = [], dimensions = [] }: EventsPlan, row: Row): Row {
  if (dimensions.length === 0) return row
  const made: Record<string, Value> = { ...row }
  for (const { name, expression } of computed) {
    if (neighboursIn(expression).length > 0) continue
    if (expression.kind !== 'attribute') made[name] = present(evaluate(expression, made))
    else {
      const { of, on, at, column } = expression
      const dimension = dimensions.find((one) => one.name === of)?.dimension
      const keys = on.map((key) => made[key] ?? null)
      const valid = dimension === undefined ? null : validRow(mart, dimension, keys, time(made, at))
      made[name] = valid?.[column] ?? null
    }
  }
  return made
}

/** An interval that ends before it begins counts for nothing. */
function isInterval({ eventTime, end }: EventsPlan, row: Row): boolean {
  return end === undefined || row[end] === null || time(row, end) >= time(row, eventTime)
}

type MadeOf = Pick<AggregatePlan, 'computed' | 'where'>

/**
 * The events of an entity with the columns that are computed from them, in order, and with what each has of the one
 * before it. A number that no double holds is null.
 */
export function withComputed(source: EventsPlan, plans: readonly MadeOf[], rows: readonly Row[]): readonly Row[] {
  const made = rows.map((row): Record<string, Value> => ({ ...row }))
  const computed = [...(source.computed ?? []), ...plans.flatMap((plan) => plan.computed ?? [])]
  for (const { name, expression } of computed) {
    if (expression.kind === 'attribute') continue
    for (const one of neighboursIn(expression)) addNeighbour(source, one, made)
    for (const row of made) row[name] = present(evaluate(expression, row))
  }
  for (const one of plans.flatMap(({ where }) => neighboursIn(where))) addNeighbour(source, one, made)
  return made
}

function neighboursIn(given: unknown): readonly NeighbourExpression[] {
  if (typeof given !== 'object' || given === null) return []
  return 'ties' in given ? [given as NeighbourExpression] : Object.values(given).flatMap(neighboursIn)
}

/** Adds what each event has of the one before it, by walking through all of them in order. */
function addNeighbour(
  source: EventsPlan,
  expression: NeighbourExpression,
  rows: readonly Record<string, Value>[],
): void {
  const own = expression.kind === 'increase' ? [expression.column] : []
  const names = [source.eventTime, ...(source.sequence === null ? [] : [source.sequence]), ...own, ...expression.ties]
  const ordered = rows.toSorted((a, b) =>
    names.reduce((so, name) => so || compare(present(a[name]), present(b[name])), 0),
  )
  let before: Row | undefined
  let reading: Value = null
  for (const row of ordered) {
    row[JSON.stringify(expression)] = present(neighbour(source, expression, row, before, reading))
    before = row
    if (expression.kind === 'increase') reading = present(row[expression.column]) ?? reading
  }
}

function neighbour(
  source: EventsPlan,
  expression: NeighbourExpression,
  row: Row,
  before: Row | undefined,
  reading: Value,
): Value {
  if (before === undefined) return null
  if (expression.kind === 'sincePrevious') return (time(row, source.eventTime) - time(before, source.eventTime)) / DAY
  if (expression.kind === 'previous') return present(before[expression.column])
  const now = present(row[expression.column])
  if (typeof now !== 'number' || typeof reading !== 'number') return null
  return now >= reading ? now - reading : now
}

/** The aggregates that the features of a view are made of. */
export function plansOf({ features }: ViewPlan): readonly MadeOf[] {
  return (features as readonly KnownFeature[]).flatMap((feature): readonly MadeOf[] => {
    if (feature.kind === 'age') return [{ where: feature.where }]
    return feature.kind === 'aggregate' ? aggregatesIn(feature.aggregate) : []
  })
}

export function aggregatesIn(aggregate: AggregatePlan | CombinedPlan): readonly AggregatePlan[] {
  if ('numerator' in aggregate) return [aggregate.numerator, aggregate.denominator]
  return 'matching' in aggregate ? [aggregate.matching] : [aggregate]
}

export function time(row: Row, column: string): number {
  const value = row[column]
  if (typeof value !== 'number') throw new Error(`${column} is not a time`)
  return value
}
