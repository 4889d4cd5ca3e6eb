import type { Expression } from '../../src/plan/expression.ts'
import type { AggregatePlan, CombinedPlan, FeaturePlan, WindowPlan } from '../../src/plan/feature-plan.ts'
import type { LabelPlan } from '../../src/plan/label-plan.ts'
import type { DimensionPlan, FactPlan, PrecomputedPlan } from '../../src/plan/source-plan.ts'
import type { ViewPlan } from '../../src/plan/view-plan.ts'
import type { AgeFeature } from '../../src/vocabulary/features/age.ts'
import type { AggregateFeature } from '../../src/vocabulary/features/aggregate.ts'
import type { AttributeFeature } from '../../src/vocabulary/features/attribute.ts'
import type { CalendarFeature } from '../../src/vocabulary/features/calendar.ts'
import type { ColumnFeature } from '../../src/vocabulary/features/column.ts'
import type { DerivedFeature } from '../../src/vocabulary/features/derived.ts'
import { isHappens } from '../../src/vocabulary/label-reads.ts'
import type { LifetimeWindow } from '../../src/vocabulary/windows/lifetime.ts'
import type { RowsWindow } from '../../src/vocabulary/windows/rows.ts'
import type { TimeWindow } from '../../src/vocabulary/windows/time.ts'
import { aggregateAnswer, ratioAnswer } from './exact/aggregate-answer.ts'
import { isAnswer, type Answer } from './exact/agree.ts'
import { compare, present, type Row, type Value } from './row.ts'

type KnownSource = FactPlan | DimensionPlan | PrecomputedPlan | null
type KnownFeature = AggregateFeature | AgeFeature | AttributeFeature | CalendarFeature | ColumnFeature | DerivedFeature
type KnownWindow = TimeWindow | RowsWindow | LifetimeWindow

/** The slow, obvious twin of the compiler: every rule of time written down over arrays. Times are µs as numbers. */

export type { Row, Value } from './row.ts'

export interface OracleMart {
  /** Table name → rows; timestamps already UTC µs. */
  readonly tables: Readonly<Record<string, readonly Row[]>>
}

const DAY = 86_400_000_000

/** What the features of a row must be. */
export type Answers = Readonly<Record<string, Value | Answer>>

export function featureRow(mart: OracleMart, view: ViewPlan, key: Row, T: number): Answers | null {
  const facts = view.source?.kind === 'fact' ? factsOf(mart, view, key, T) : []
  const source = view.source as KnownSource
  const population = view.population ?? (source?.kind === 'dimension' ? source : null)
  if (population !== null) {
    if (validRow(mart, population, key, T) === null) return null
  } else if (view.source?.kind === 'fact' && facts.length === 0) return null
  const answers: Record<string, Value | Answer> = {}
  const row: Record<string, Value> = {}
  for (const feature of view.features) {
    const answer = featureAnswer(mart, view, feature, facts, key, T, row)
    answers[feature.name] = answer
    row[feature.name] = valueOf(answer)
  }
  return answers
}

export function valueOf(answer: Value | Answer): Value {
  return isAnswer(answer) ? answer.value : answer
}

/** Facts of the entity that count at T: strictly before it and, with an arrival time, arrived by T + delay. */
function factsOf(mart: OracleMart, view: ViewPlan, key: Row, T: number): readonly Row[] {
  const source = view.source as KnownSource
  if (source?.kind !== 'fact') return []
  return (mart.tables[source.table] ?? [])
    .filter((row) => view.entity.keys.every(({ name }) => row[name] === key[name]))
    .filter((row) => time(row, source.eventTime) < T)
    .filter(
      (row) => source.knownAt === null || (row[source.knownAt] !== null && time(row, source.knownAt) <= T + view.delay),
    )
    .map((row) => ({
      ...row,
      '~us': time(row, source.eventTime),
      '~sequence': source.sequence === null ? 0 : (row[source.sequence] ?? null),
    }))
}

function time(row: Row, column: string): number {
  const value = row[column]
  if (typeof value !== 'number') throw new Error(`${column} is not a time`)
  return value
}

function featureAnswer(
  mart: OracleMart,
  view: ViewPlan,
  given: FeaturePlan,
  facts: readonly Row[],
  key: Row,
  T: number,
  row: Row,
): Value | Answer {
  const feature = given as KnownFeature
  switch (feature.kind) {
    case 'aggregate':
      return windowed(feature.aggregate, feature.window, facts, T)
    case 'age': {
      const times = facts.filter((fact) => passes(feature.where, fact)).map((fact) => time(fact, '~us'))
      return times.length === 0 ? null : (T - Math.max(...times)) / DAY
    }
    case 'attribute':
      return validRow(mart, feature.dimension, key, T)?.[feature.column] ?? null
    case 'derived':
      return evaluate(feature.expression, { ...row, '~T': T })
    case 'calendar':
      return calendar(feature.part, T, view.grid.zone)
    case 'column':
      throw new Error('precomputed rows have an oracle of their own')
  }
}

/** An aggregate in a window at T, of the facts that count at T. */
function windowed(
  aggregate: AggregatePlan | CombinedPlan,
  window: WindowPlan,
  facts: readonly Row[],
  T: number,
): Answer {
  const seen = (plan: AggregatePlan): readonly Row[] => windowRows(plan, window, facts, T)
  if ('matching' in aggregate) {
    const rows = seen(aggregate.matching)
    const met = rows.filter((row) => passes(aggregate.matching.condition ?? null, row)).length
    if (aggregate.function === 'any') return { value: met > 0, chosen: true }
    return { value: rows.length === 0 ? null : met === rows.length, chosen: true }
  }
  if ('column' in aggregate) return aggregateAnswer(aggregate, seen(aggregate), T)
  const { numerator, denominator } = aggregate
  return ratioAnswer({ plan: numerator, rows: seen(numerator) }, { plan: denominator, rows: seen(denominator) })
}

/** The facts that an aggregate sees through a window at T. */
function windowRows(
  { column, where }: AggregatePlan,
  given: WindowPlan,
  facts: readonly Row[],
  T: number,
): readonly Row[] {
  const window = given as KnownWindow
  const kept = facts.filter((fact) => passes(where, fact))
  if (window.kind === 'time') {
    const end = T - window.shift
    return kept.filter((fact) => time(fact, '~us') >= end - window.length && time(fact, '~us') < end)
  }
  if (window.kind === 'lifetime') return kept
  const newestLast = kept.toSorted(
    (a, b) =>
      time(a, '~us') - time(b, '~us') ||
      compare(a['~sequence'] ?? null, b['~sequence'] ?? null) ||
      (column === null ? 0 : compare(present(a[column]), present(b[column]))),
  )
  return newestLast.slice(-window.rows)
}

/**
 * Of the dimension's rows of the entity whose interval contains T the one that begins last, then ends last, then has
 * the greatest values.
 */
function validRow(mart: OracleMart, dimension: DimensionPlan, key: Row, T: number): Row | null {
  const rows = (mart.tables[dimension.table] ?? []).filter((row) =>
    dimension.entity.keys.every(({ name }) => row[name] === key[name]),
  )
  const { validFrom, validTo } = dimension
  const others = dimension.columns.map(({ name }) => name).filter((name) => name !== validFrom && name !== validTo)
  const end = (row: Row): Value => (validTo === null ? undefined : row[validTo]) ?? Infinity
  const order = (a: Row, b: Row): number => {
    const begins = validFrom === null ? 0 : compare(time(a, validFrom), time(b, validFrom)) || compare(end(a), end(b))
    return begins || others.reduce((so, name) => so || compare(a[name] ?? null, b[name] ?? null), 0)
  }
  return (
    rows
      .filter((row) => validFrom === null || (time(row, validFrom) <= T && compare(T, end(row)) < 0))
      .toSorted(order)
      .at(-1) ?? null
  )
}

function passes(where: Expression | null, row: Row): boolean {
  return where === null || evaluate(where, row) === true
}

export function evaluate(expression: Expression, row: Row): Value {
  const value = (operand: Expression): Value => evaluate(operand, row)
  switch (expression.kind) {
    case 'column':
      return present(row[expression.name])
    case 'literal':
      return expression.value instanceof Date ? expression.value.getTime() * 1000 : expression.value
    case 'isNull':
      return value(expression.operand) === null
    case 'coalesce':
      return expression.operands.map(value).find((one) => one !== null) ?? null
    case 'case':
      return value(expression.branches.find((branch) => value(branch.when) === true)?.then ?? expression.otherwise)
    case 'least':
    case 'greatest': {
      const known = expression.operands
        .map(value)
        .filter((one) => one !== null)
        .toSorted(compare)
      return (expression.kind === 'least' ? known[0] : known.at(-1)) ?? null
    }
    case 'oneOf': {
      const operand = value(expression.operand)
      return operand === null ? null : expression.values.some((one) => one === operand)
    }
    case 'featureTime':
      return row['~T'] ?? null
    case 'dayStart': {
      // Columns hold days, and literals instants.
      const given = value(expression.operand)
      const day = expression.operand.kind === 'literal' && typeof given === 'number' ? given / DAY : given
      return typeof day === 'number' ? dayStart(day, expression.zone ?? 'UTC') : null
    }
    case 'days': {
      const [from, to] = [value(expression.from), value(expression.to)]
      return typeof from === 'number' && typeof to === 'number' ? (to - from) / DAY : null
    }
    case 'not': {
      const operand = value(expression.operand)
      return operand === null ? null : operand !== true
    }
    case 'negate':
    case 'abs': {
      const operand = value(expression.operand)
      if (typeof operand !== 'number') return null
      return expression.kind === 'abs' ? Math.abs(operand) : -operand
    }
    case 'binary':
      return binary(expression.operator, value(expression.left), value(expression.right))
  }
}

function binary(operator: string, a: Value, b: Value): Value {
  if (operator === 'and') return a === false || b === false ? false : a === null || b === null ? null : true
  if (operator === 'or') return a === true || b === true ? true : a === null || b === null ? null : false
  if (a === null || b === null) return null
  switch (operator) {
    case 'equal':
      return a === b
    case 'notEqual':
      return a !== b
    case 'less':
      return a < b
    case 'lessOrEqual':
      return a <= b
    case 'greater':
      return a > b
    case 'greaterOrEqual':
      return a >= b
  }
  if (typeof a !== 'number' || typeof b !== 'number') return null
  switch (operator) {
    case 'add':
      return a + b
    case 'subtract':
      return a - b
    case 'multiply':
      return a * b
    default:
      return b === 0 ? null : a / b
  }
}

function calendar(part: string, T: number, zone: string): Value {
  const parts = new Map(
    new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
    })
      .formatToParts(T / 1000)
      .map((one) => [one.type, Number(one.value)]),
  )
  const [year = 0, month = 0, day = 0] = [parts.get('year'), parts.get('month'), parts.get('day')]
  const date = new Date(Date.UTC(year, month - 1, day))
  const weekday = date.getUTCDay() === 0 ? 7 : date.getUTCDay()
  switch (part) {
    case 'year':
      return year
    case 'quarter':
      return Math.ceil(month / 3)
    case 'month':
      return month
    case 'dayOfMonth':
      return day
    case 'dayOfYear':
      return Math.round((date.getTime() - Date.UTC(year, 0, 1)) / 86_400_000) + 1
    case 'dayOfWeek':
      return weekday
    case 'isWeekend':
      return weekday >= 6
    case 'hour':
      return parts.get('hour') ?? null
    default: {
      const thursday = new Date(date.getTime() + (4 - weekday) * 86_400_000)
      return Math.floor((thursday.getTime() - Date.UTC(thursday.getUTCFullYear(), 0, 1)) / (7 * 86_400_000)) + 1
    }
  }
}

/** Null while the window (and its maturity) has not closed. */
export function labelValue(mart: OracleMart, label: LabelPlan, key: Row, t: number, asOf: number): Value | Answer {
  if (t + label.gap + label.length + label.maturity > asOf) return null
  const { fact, aggregate } = label
  const rows = (mart.tables[fact.table] ?? [])
    .filter((row) => label.entity.keys.every(({ name }) => row[name] === key[name]))
    .map((row): Row => ({
      ...row,
      '~us': time(row, fact.eventTime),
      '~sequence': fact.sequence === null ? 0 : (row[fact.sequence] ?? null),
    }))
    .filter((row) => time(row, '~us') >= t + label.gap && time(row, '~us') < t + label.gap + label.length)
  if (isHappens(aggregate)) return rows.some((row) => passes(aggregate.where, row))
  return windowed(aggregate, { kind: 'lifetime' }, rows, t)
}

/** The greatest grid instant T with T + delay <= t, by walking the local clock second by second boundaries. */
export function servedTime(view: ViewPlan, t: number): number {
  const { every, zone } = view.grid
  const reach = t - view.delay
  if (zone === 'UTC') return Math.floor(reach / every) * every
  const step = 900_000_000
  for (let candidate = Math.floor(reach / step) * step; ; candidate -= step)
    if (onGrid(candidate, every, zone)) return candidate
}

const QUARTER = 900_000_000

/**
 * Days begin once: with their first midnight, or at the first instant of a later day. Of several days, the first that
 * the clock shows begins them.
 */
function onGrid(instant: number, every: number, zone: string): boolean {
  const today = reachedDay(instant, zone)
  if (every >= DAY)
    return Math.floor(today / (every / DAY)) !== Math.floor(reachedDay(instant - QUARTER, zone) / (every / DAY))
  let start = instant
  while (reachedDay(start - QUARTER, zone) === today) start -= QUARTER
  return (instant - start) % every === 0
}

/** The first instant at which the clock has reached a day, counted from 1970-01-01. */
function dayStart(day: number, zone: string): number {
  let instant = day * DAY - 64 * QUARTER
  while (reachedDay(instant, zone) < day) instant += QUARTER
  return instant
}

const reached = new Map<string, number>()

/**
 * The latest day that the clock has shown in the two hours before an instant and at it: a clock set back past
 * midnight does not undo the day.
 */
function reachedDay(instant: number, zone: string): number {
  const name = `${zone} ${instant}`
  const known =
    reached.get(name) ??
    Math.max(...Array.from({ length: 9 }, (_, back) => Math.floor(localMicros(instant - back * QUARTER, zone) / DAY)))
  reached.set(name, known)
  return known
}

const clocks = new Map<string, Intl.DateTimeFormat>()

function localMicros(instant: number, zone: string): number {
  const clock =
    clocks.get(zone) ??
    new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  clocks.set(zone, clock)
  const parts = new Map(clock.formatToParts(instant / 1000).map((one) => [one.type, Number(one.value)]))
  const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second')) * 1000
}
