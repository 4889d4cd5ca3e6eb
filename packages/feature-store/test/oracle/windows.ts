import type { AggregatePlan, CombinedPlan, WindowPlan } from '../../src/plan/feature-plan.ts'
import type { ViewPlan } from '../../src/plan/view-plan.ts'
import type { AnchorPlan } from '../../src/plan/anchor-plan.ts'
import type { AlongWindow } from '../../src/vocabulary/windows/along.ts'
import type { CalendarWindow } from '../../src/vocabulary/windows/calendar.ts'
import type { LifetimeWindow } from '../../src/vocabulary/windows/lifetime.ts'
import type { OpenWindow } from '../../src/vocabulary/windows/open.ts'
import type { RowsWindow } from '../../src/vocabulary/windows/rows.ts'
import type { SteppedWindow } from '../../src/vocabulary/windows/stepped.ts'
import type { SinceWindow } from '../../src/vocabulary/windows/since.ts'
import type { TimeWindow } from '../../src/vocabulary/windows/time.ts'
import type { ToDateWindow } from '../../src/vocabulary/windows/to-date.ts'
import { ratioAnswer, aggregateAnswer } from './exact/aggregate-answer.ts'
import type { Answer } from './exact/agree.ts'
import { present, compare, type Value, type Row } from './row.ts'
import { DAY, type OracleMart } from './mart.ts'
import { unitStart, unitsBack } from './clock.ts'
import { closedAt, steppedStart } from './closing.ts'
import { passes } from './expression.ts'
import { time } from './events.ts'

type KnownWindow =
  | TimeWindow
  | RowsWindow
  | LifetimeWindow
  | CalendarWindow
  | ToDateWindow
  | SinceWindow
  | AlongWindow
  | OpenWindow
  | SteppedWindow

/** The slow, obvious twin of the compiler: every rule of time written down over arrays. Times are µs as numbers. */

export type { Row, Value } from './row.ts'

/** A row that is asked for. */
export interface OraclePoint {
  readonly mart: OracleMart
  readonly view: Pick<ViewPlan, 'entity' | 'delay' | 'grid' | 'source'>
  readonly key: Row
  readonly T: number
}

/** An aggregate in a window at T, of the facts that count at T. */
export function windowed(
  aggregate: AggregatePlan | CombinedPlan,
  window: WindowPlan,
  facts: readonly Row[],
  point: OraclePoint,
): Value | Answer {
  const known = window as KnownWindow
  if (known.kind === 'since' && known.otherwise === 'none' && newestAnchor(known.anchor, point) === null) return null
  if (aggregate.function === 'overlap') return coveredDays(aggregate, known, facts, point)
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

/** The days of a window that intervals cover, counted piece by piece between all their edges. */
function coveredDays(
  { where, parameters }: AggregatePlan,
  window: KnownWindow,
  facts: readonly Row[],
  point: OraclePoint,
): number {
  const [from, to] = boundsOf(window, point)
  const kept = facts.filter((fact) => passes(where, fact))
  const edges = kept.flatMap((fact) => [time(fact, '~us'), time(fact, '~until')])
  const cuts = [...new Set([from, to, ...edges].filter((edge) => edge >= from && edge <= to))].toSorted((a, b) => a - b)
  let covered = 0
  for (const [i, begin] of cuts.entries()) {
    const end = cuts[i + 1]
    if (end === undefined || begin === -Infinity) continue
    const over = kept.filter((fact) => time(fact, '~us') <= begin && time(fact, '~until') >= end).length
    covered += (end - begin) * (parameters?.['union'] === 1 ? Math.min(over, 1) : over)
  }
  return covered / DAY
}

/** Between which instants a window of time lies. */
function boundsOf(window: KnownWindow, point: OraclePoint): readonly [from: number, to: number] {
  const { T, view } = point
  switch (window.kind) {
    case 'time':
      return [T - window.shift - window.length, T - window.shift]
    case 'lifetime':
      return [-Infinity, T]
    case 'since':
      return [newestAnchor(window.anchor, point) ?? -Infinity, T]
    case 'toDate':
      return [unitStart(T, 0, window.unit, view.grid.zone), T]
    case 'calendar': {
      const start = (back: number): number => unitStart(T, back, window.unit, view.grid.zone)
      return [start(window.shift + window.units), start(window.shift)]
    }
    default:
      throw new Error(`a window of kind ${window.kind} does not lie in time`)
  }
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
export function newestAnchor({ fact, where }: AnchorPlan, { mart, view, key, T }: OraclePoint): number | null {
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
  if (window.kind === 'stepped') {
    const from = steppedStart(closedAt(point.mart, point.view, T), window)
    return kept.filter((fact) => time(fact, '~us') >= from)
  }
  if (window.kind === 'open') return kept.filter((fact) => time(fact, '~until') >= T)
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
