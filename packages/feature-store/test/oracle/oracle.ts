import type { Expression, NeighbourExpression } from '../../src/plan/expression.ts'
import type { AggregatePlan, CombinedPlan, FeaturePlan, WindowPlan } from '../../src/plan/feature-plan.ts'
import type { HappensPlan, LabelPlan, NextPlan, TimeToPlan } from '../../src/plan/label-plan.ts'
import type { DimensionPlan, EventsPlan, FactPlan, PrecomputedPlan } from '../../src/plan/source-plan.ts'
import type { ViewPlan } from '../../src/plan/view-plan.ts'
import type { AnchorPlan } from '../../src/plan/anchor-plan.ts'
import type { AgeFeature } from '../../src/vocabulary/features/age.ts'
import type { AggregateFeature } from '../../src/vocabulary/features/aggregate.ts'
import type { AnchorAgeFeature } from '../../src/vocabulary/features/anchor-age.ts'
import type { AttributeFeature } from '../../src/vocabulary/features/attribute.ts'
import type { CalendarFeature } from '../../src/vocabulary/features/calendar.ts'
import type { ColumnFeature } from '../../src/vocabulary/features/column.ts'
import type { StandingFeature } from '../../src/vocabulary/features/standing.ts'
import type { DerivedFeature } from '../../src/vocabulary/features/derived.ts'
import type { CalendarUnit } from '../../src/plan/time/calendar-unit.ts'
import type { AlongWindow } from '../../src/vocabulary/windows/along.ts'
import type { CalendarWindow } from '../../src/vocabulary/windows/calendar.ts'
import type { LifetimeWindow } from '../../src/vocabulary/windows/lifetime.ts'
import type { RowsWindow } from '../../src/vocabulary/windows/rows.ts'
import type { SinceWindow } from '../../src/vocabulary/windows/since.ts'
import type { TimeWindow } from '../../src/vocabulary/windows/time.ts'
import type { ToDateWindow } from '../../src/vocabulary/windows/to-date.ts'
import { aggregateAnswer, ratioAnswer } from './exact/aggregate-answer.ts'
import { isAnswer, type Answer } from './exact/agree.ts'
import { compare, present, type Row, type Value } from './row.ts'

type KnownSource = FactPlan | DimensionPlan | PrecomputedPlan | null
type KnownFeature =
  | StandingFeature
  | AggregateFeature
  | AgeFeature
  | AttributeFeature
  | CalendarFeature
  | ColumnFeature
  | DerivedFeature
  | AnchorAgeFeature
type KnownWindow = TimeWindow | RowsWindow | LifetimeWindow | CalendarWindow | ToDateWindow | SinceWindow | AlongWindow

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
  const source = view.source as KnownSource
  const facts = source?.kind === 'fact' ? withComputed(source, plansOf(view), factsOf(mart, view, key, T)) : []
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

type MadeOf = Pick<AggregatePlan, 'computed' | 'where'>

/**
 * The events of an entity with the columns that are computed from them, in order, and with what each has of the one
 * before it. A number that no double holds is null.
 */
function withComputed(source: EventsPlan, plans: readonly MadeOf[], rows: readonly Row[]): readonly Row[] {
  const made = rows.map((row): Record<string, Value> => ({ ...row }))
  const computed = [...(source.computed ?? []), ...plans.flatMap((plan) => plan.computed ?? [])]
  for (const { name, expression } of computed) {
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
function plansOf({ features }: ViewPlan): readonly MadeOf[] {
  return (features as readonly KnownFeature[]).flatMap((feature): readonly MadeOf[] => {
    if (feature.kind === 'age') return [{ where: feature.where }]
    return feature.kind === 'aggregate' ? aggregatesIn(feature.aggregate) : []
  })
}

function aggregatesIn(aggregate: AggregatePlan | CombinedPlan): readonly AggregatePlan[] {
  if ('numerator' in aggregate) return [aggregate.numerator, aggregate.denominator]
  return 'matching' in aggregate ? [aggregate.matching] : [aggregate]
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
      return windowed(feature.aggregate, feature.window, facts, { mart, view, key, T })
    case 'age': {
      const times = facts.filter((fact) => passes(feature.where, fact)).map((fact) => time(fact, '~us'))
      return times.length === 0 ? null : (T - Math.max(...times)) / DAY
    }
    case 'anchorAge': {
      const newest = newestAnchor(feature.anchor, { mart, view, key, T })
      return newest === null ? null : (T - newest) / DAY
    }
    case 'attribute':
      return validRow(mart, feature.dimension, key, T)?.[feature.column] ?? null
    case 'derived':
      return evaluate(feature.expression, { ...row, '~T': T })
    case 'standing':
      return standing(feature, key, row, everybodyAt(mart, view, T))
    case 'calendar':
      return calendar(feature.part, T, view.grid.zone)
    case 'column':
      throw new Error('precomputed rows have an oracle of their own')
  }
}

/** A row that is asked for. */
interface OraclePoint {
  readonly mart: OracleMart
  readonly view: Pick<ViewPlan, 'entity' | 'delay' | 'grid'>
  readonly key: Row
  readonly T: number
}

const rowsOfAll = new WeakMap<OracleMart, Map<string, readonly Ranked[]>>()

interface Ranked {
  readonly key: Row
  readonly row: Readonly<Record<string, Value>>
}

/** The rows of everybody at T, in order of their keys, without standings. */
function everybodyAt(mart: OracleMart, view: ViewPlan, T: number): readonly Ranked[] {
  const known = rowsOfAll.get(mart) ?? new Map<string, readonly Ranked[]>()
  rowsOfAll.set(mart, known)
  const before = view.features.filter(({ kind }) => kind !== 'standing')
  const name = JSON.stringify([view.hash, T])
  const names = view.entity.keys.map((key) => key.name)
  const table = (view.population ?? view.source)?.table ?? ''
  const keys = new Map(
    (mart.tables[table] ?? []).map((row) => {
      const key: Row = Object.fromEntries(names.map((one) => [one, row[one] ?? null]))
      return [JSON.stringify(key), key]
    }),
  )
  const rows =
    known.get(name) ??
    [...keys.values()]
      .toSorted((a, b) => names.reduce((so, one) => so || compare(a[one] ?? null, b[one] ?? null), 0))
      .flatMap((key): readonly Ranked[] => {
        const answers = featureRow(mart, { ...view, features: before }, key, T)
        if (answers === null) return []
        return [{ key, row: Object.fromEntries(Object.entries(answers).map(([one, value]) => [one, valueOf(value)])) }]
      })
  known.set(name, rows)
  return rows
}

/** Where a row stands among all rows, its own among them. */
function standing(feature: StandingFeature, key: Row, row: Row, all: readonly Ranked[]): Value | Answer {
  const valueIn = (one: Row): number | null => {
    const value = evaluate(feature.of, one)
    return typeof value === 'number' ? value : null
  }
  const groupOf = (one: Row): Value => (feature.within === null ? '' : evaluate(feature.within, one))
  const [x, group] = [valueIn(row), groupOf(row)]
  if (x === null || group === null) return null
  const others = all.filter((one) => groupOf(one.row) === group && valueIn(one.row) !== null)
  const values = others.map((one) => valueIn(one.row) ?? 0)
  const n = values.length
  const parts = feature.parts ?? 1
  switch (feature.standing) {
    case 'rank':
      return values.filter((one) => one > x).length + 1
    case 'percentRank':
      return n === 1 ? 0 : values.filter((one) => one < x).length / (n - 1)
    case 'quantile':
      return Math.ceil((parts * values.filter((one) => one <= x).length) / n)
    case 'ntile': {
      // By value and then by key, the first n mod parts parts being one larger.
      const order = others.toSorted((a, b) => (valueIn(a.row) ?? 0) - (valueIn(b.row) ?? 0))
      const at = order.findIndex((one) => Object.entries(one.key).every(([name, value]) => key[name] === value))
      const [small, larger] = [Math.floor(n / parts), n % parts]
      return at < larger * (small + 1)
        ? Math.floor(at / (small + 1)) + 1
        : larger + Math.floor((at - larger * (small + 1)) / small) + 1
    }
    case 'zscore': {
      const mean = values.reduce((sum, one) => sum + one, 0) / n
      const spread = values.reduce((sum, one) => sum + (one - mean) ** 2, 0)
      return spread === 0 ? null : { value: (x - mean) / Math.sqrt(spread / (n - 1)), rounding: 1e-12 }
    }
    case 'share': {
      const sum = values.reduce((so, one) => so + one, 0)
      return sum === 0 ? null : x / sum
    }
    default:
      throw new Error(`the oracle knows no ${feature.standing}`)
  }
}

/** An aggregate in a window at T, of the facts that count at T. */
function windowed(
  aggregate: AggregatePlan | CombinedPlan,
  window: WindowPlan,
  facts: readonly Row[],
  point: OraclePoint,
): Value | Answer {
  const known = window as KnownWindow
  if (known.kind === 'since' && known.otherwise === 'none' && newestAnchor(known.anchor, point) === null) return null
  const seen = (plan: AggregatePlan): readonly Row[] => windowRows(plan, known, facts, point)
  if ('matching' in aggregate) {
    const rows = seen(aggregate.matching)
    const met = rows.filter((row) => row[aggregate.matching.column ?? ''] !== null).length
    if (aggregate.function === 'any') return { value: met > 0, chosen: true }
    return { value: rows.length === 0 ? null : met === rows.length, chosen: true }
  }
  if ('column' in aggregate) return aggregateAnswer(aggregate, seen(aggregate), point.T)
  const { numerator, denominator } = aggregate
  return ratioAnswer({ plan: numerator, rows: seen(numerator) }, { plan: denominator, rows: seen(denominator) })
}

/** Where the meter stands at each fact from the first reading on: the sum of its increases. */
function runningMeter(facts: readonly Row[], meter: string): ReadonlyMap<Row, number> {
  const order = (a: Row, b: Row): number =>
    time(a, '~us') - time(b, '~us') ||
    compare(a['~sequence'] ?? null, b['~sequence'] ?? null) ||
    compare(present(a[meter]), present(b[meter]))
  const meters = new Map<Row, number>()
  let last: number | null = null
  let sum = 0
  for (const fact of facts.toSorted(order)) {
    const reading = present(fact[meter])
    if (typeof reading === 'number') {
      sum += last === null ? 0 : reading < last ? reading : reading - last
      last = reading
    }
    if (last !== null) meters.set(fact, sum)
  }
  return meters
}

/** The time of the entity's newest anchor before T that had arrived. */
function newestAnchor({ fact, where }: AnchorPlan, { mart, view, key, T }: OraclePoint): number | null {
  const times = (mart.tables[fact.table] ?? [])
    .filter((row) => view.entity.keys.every(({ name }) => row[name] === key[name]) && passes(where, row))
    .filter(({ [fact.knownAt ?? '']: known }) => fact.knownAt === null || Number(known ?? Infinity) <= T + view.delay)
    .map((row) => time(row, fact.eventTime))
    .filter((us) => us < T)
  return times.length === 0 ? null : Math.max(...times)
}

/** The facts that an aggregate sees through a window at T. */
function windowRows(
  { column, where }: AggregatePlan,
  window: KnownWindow,
  facts: readonly Row[],
  point: OraclePoint,
): readonly Row[] {
  const { T } = point
  const { zone } = point.view.grid
  const kept = facts.filter((fact) => passes(where, fact))
  if (window.kind === 'time') {
    const end = T - window.shift
    return kept.filter((fact) => time(fact, '~us') >= end - window.length && time(fact, '~us') < end)
  }
  if (window.kind === 'lifetime') return kept
  if (window.kind === 'toDate') return kept.filter((fact) => unitsBack(time(fact, '~us'), T, window.unit, zone) === 0)
  if (window.kind === 'along') {
    const meters = runningMeter(facts, window.meter)
    const newest = Math.max(...meters.values())
    return kept.filter((fact) => newest - (meters.get(fact) ?? -Infinity) < window.distance)
  }
  if (window.kind === 'since') {
    const from = newestAnchor(window.anchor, point) ?? -Infinity
    return kept.filter((fact) => time(fact, '~us') >= from)
  }
  if (window.kind === 'calendar')
    return kept.filter((fact) => {
      const back = unitsBack(time(fact, '~us'), T, window.unit, zone)
      return back > window.shift && back <= window.shift + window.units
    })
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
    case 'previous':
    case 'sincePrevious':
    case 'increase':
      return present(row[JSON.stringify(expression)])
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
      const values = expression.operands.map(value).toSorted(compare)
      if (values.includes(null)) return null
      return (expression.kind === 'least' ? values[0] : values.at(-1)) ?? null
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

/** What each column of a label must be. */
export function labelAnswers(mart: OracleMart, label: LabelPlan, key: Row, t: number, asOf: number): Answers {
  const { name, gap, length, steps } = label
  if (isTimeTo(label.aggregate)) return lifeAnswers(mart, label, label.aggregate, key, t, asOf)
  if (steps === undefined) return { [name]: labelValue(mart, label, key, t, asOf) }
  return Object.fromEntries(
    Array.from({ length: steps }, (_, i) => [
      `${name}_${i + 1}`,
      labelValue(mart, { ...label, gap: gap + i * length }, key, t, asOf),
    ]),
  )
}

/** Null while the window (and its maturity) has not closed. */
function labelValue(mart: OracleMart, label: LabelPlan, key: Row, t: number, asOf: number): Value | Answer {
  if (t + label.gap + label.length + label.maturity > asOf) return null
  const { fact, aggregate } = label
  const plans = 'numerator' in aggregate || 'matching' in aggregate ? aggregatesIn(aggregate) : [aggregate]
  const history = (mart.tables[fact.table] ?? [])
    .filter((row) => label.entity.keys.every(({ name }) => row[name] === key[name]))
    .map((row): Row => ({
      ...row,
      '~us': time(row, fact.eventTime),
      '~sequence': fact.sequence === null ? 0 : (row[fact.sequence] ?? null),
    }))
  const rows = withComputed(fact, plans, history).filter(
    (row) => time(row, '~us') >= t + label.gap && time(row, '~us') < t + label.gap + label.length,
  )
  const point: OraclePoint = {
    mart,
    view: { entity: label.entity, delay: 0, grid: { every: 1, zone: 'UTC' } },
    key,
    T: t,
  }
  const lifetime = { kind: 'lifetime' } as const
  if ('numerator' in aggregate || 'matching' in aggregate) return windowed(aggregate, lifetime, rows, point)
  const counted = rows.filter((row) => passes(aggregate.where, row))
  if (isHappens(aggregate)) return counted.length > 0
  if (isNext(aggregate)) {
    if (counted.length === 0) return 'none'
    return windowed({ ...aggregate, function: 'first' }, lifetime, rows, point)
  }
  if (!('column' in aggregate)) throw new Error(`there is no label of ${aggregate.function}`)
  return windowed(aggregate, lifetime, rows, point)
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

/** How many units the clock shows after the one of an instant, up to the one of T; those that it skips do not count. */
function unitsBack(instant: number, T: number, unit: CalendarUnit, zone: string): number {
  const seen = new Set<number>()
  for (let at = Math.floor(instant / QUARTER) * QUARTER; at <= T; at += QUARTER)
    seen.add(unitNumber(reachedDay(at, zone), unit))
  return seen.size - 1
}

function unitNumber(day: number, unit: CalendarUnit): number {
  const date = new Date(day * 86_400_000)
  const month = date.getUTCFullYear() * 12 + date.getUTCMonth()
  switch (unit) {
    case 'day':
      return day
    case 'week':
      return day - ((date.getUTCDay() + 6) % 7)
    case 'month':
      return month
    case 'quarter':
      return Math.floor(month / 3)
    case 'year':
      return date.getUTCFullYear()
  }
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

function isHappens(aggregate: LabelPlan['aggregate']): aggregate is HappensPlan {
  return aggregate.function === 'happens'
}

function isNext(aggregate: LabelPlan['aggregate']): aggregate is NextPlan {
  return aggregate.function === 'next'
}

function isTimeTo(aggregate: LabelPlan['aggregate']): aggregate is TimeToPlan {
  return aggregate.function === 'timeTo'
}

/** Walks the facts that are known inside the window; without one, the days that are known to be free of them. */
function lifeAnswers(
  mart: OracleMart,
  { name, fact, entity, gap, length, maturity }: LabelPlan,
  { where }: TimeToPlan,
  key: Row,
  t: number,
  asOf: number,
): Answers {
  const observed = `${name}_observed`
  const end = Math.min(t + gap + length, asOf - maturity)
  if (end <= t + gap) return { [name]: null, [observed]: null }
  const times = (mart.tables[fact.table] ?? [])
    .filter((row) => entity.keys.every((one) => row[one.name] === key[one.name]) && passes(where, row))
    .map((row) => time(row, fact.eventTime))
    .filter((at) => at >= t + gap && at < end)
  return { [name]: (Math.min(end, ...times) - t) / DAY, [observed]: times.length > 0 }
}
