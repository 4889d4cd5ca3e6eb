import { sql, type RunOptions, type Sql, type Warehouse } from '@martlet/warehouse'
import { JOINED_EVENT, isRankedWindow, pointsWithEvents, rankedPairs } from '../../compile/joins/plain.ts'
import { PointEdges } from '../../compile/points/point-edges.ts'
import { pointTables } from '../../compile/closing.ts'
import { boundary, scopeOf, type Scope } from '../../compile/scope.ts'
import { temporaryPrefix } from '../../compile/temporary-tables.ts'
import { inputsOf, passing } from '../../compile/window-feature.ts'
import type { FeaturePlan, WindowPlan } from '../../plan/feature-plan.ts'
import type { EventsPlan } from '../../plan/source-plan.ts'
import type { ViewPlan } from '../../plan/view-plan.ts'
import { keyAlias } from '../../vocabulary/algebra/frame.ts'
import { integer } from '../../vocabulary/algebra/integer.ts'
import { TermSet } from '../../vocabulary/algebra/terms.ts'
import { aggregateWords } from '../../vocabulary/aggregates/aggregate-plan.ts'
import type { WindowedAggregate } from '../../vocabulary/features/feature-kind.ts'
import { featureKind } from '../../vocabulary/features/list.ts'
import { eventsOf } from '../../vocabulary/sources/list.ts'
import { windowKind } from '../../vocabulary/windows/list.ts'
import { valuesOf, type PreviewValue } from './batch-values.ts'

/** The events of one aggregate of a feature. */
export interface FeatureEvents {
  /** The aggregate: `sum(kwh where (kwh > 0)) over 7d`. */
  readonly words: string
  /** How many events lie in the window and pass the condition, those whose value is missing among them. */
  readonly count: number
  /** The newest of them, the newest first. */
  readonly newest: readonly FeatureEvent[]
}

export interface FeatureEvent {
  readonly time: PreviewValue
  /** When it arrived, where the fact says so. */
  readonly known?: PreviewValue
  /** What is aggregated; missing for a count of rows. */
  readonly value?: PreviewValue
  /** The second column of an aggregate of two. */
  readonly second?: PreviewValue
}

interface Asked {
  readonly view: ViewPlan
  readonly featureTime: bigint
  /** The staged spine: a row for each key. */
  readonly spine: string
  readonly rows: number
  readonly limit: number
}

/** For each feature that is made of events, by row and aggregate, the events behind it. */
export async function previewEvents(
  session: Warehouse,
  asked: Asked,
  features: readonly FeaturePlan[],
  run: RunOptions,
): Promise<ReadonlyMap<string, readonly (readonly FeatureEvents[])[]>> {
  const { view, featureTime, spine, rows } = asked
  const source = eventsOf(view.source)
  const found = new Map<string, readonly (readonly FeatureEvents[])[]>()
  if (source === undefined || features.length === 0) return found
  const prefix = temporaryPrefix()
  const entities = `${prefix}_entity`
  const keys = view.entity.keys.map(({ name }, i) => sql`${sql.id(name)} AS ${sql.id(keyAlias(i))}`)
  await session.run(
    sql`CREATE TEMPORARY TABLE ${sql.id(entities)} AS SELECT ${sql.join([sql`spine_row AS e`, ...keys])} FROM ${sql.id(spine)}`,
    run,
  )
  const scope = scopeOf(session.leaves, view, {
    prefix,
    entities,
    first: featureTime,
    last: featureTime,
    lookup: 'direct',
    fewEntities: true,
  })
  const points = sql`SELECT e, ${integer(featureTime)} AS t, ${integer(boundary(scope, featureTime))} AS j FROM ${sql.id(entities)}`
  for (const { name, rows: made } of pointTables(scope, points))
    await session.run(sql`CREATE TEMPORARY TABLE ${name} AS ${made}`, run)
  for (const feature of features) {
    const kind = featureKind(feature)
    if (kind.stage !== 'facts') continue
    const made = Array.from({ length: rows }, (): FeatureEvents[] => [])
    for (const part of kind.parts(feature)) {
      const words = `${aggregateWords(part.plan)} ${windowKind(part.window).words(part.window)}`
      const events = valuesOf(await session.read(eventsBehind(scope, source, part, asked.limit), run))
      for (const [row, own] of made.entries()) {
        const mine = events.filter(({ e }) => Number(e) === row)
        own.push({ words, count: Number(mine[0]?.['total'] ?? 0), newest: mine.map(eventOf) })
      }
    }
    found.set(feature.name, made)
  }
  return found
}

/** `(e, time, known, value, second, total)`: the newest events that an aggregate counts, the newest first. */
function eventsBehind(scope: Scope, source: EventsPlan, part: WindowedAggregate, limit: number): Sql {
  const { leaves } = scope
  const { plan } = part
  const { columns, pairs } = isRankedWindow(part.window)
    ? orderedPairs(scope, source, part)
    : joinedPairs(scope, source, part)
  const newest = sql`us DESC NULLS LAST, sequence DESC NULLS LAST, value DESC NULLS LAST`
  const counted = sql`
    SELECT c.*, COUNT(*) OVER (PARTITION BY e) AS total, ROW_NUMBER() OVER (PARTITION BY e ORDER BY ${newest}) AS shown
    FROM (SELECT ${sql.join([sql`p.e AS e`, sql`v.us AS us`, sql`v.sequence AS sequence`, ...columns])} FROM ${pairs}) c
  `
  const known = source.knownAt !== null && !isRankedWindow(part.window)
  const list = [
    sql`e`,
    sql`total`,
    sql`${leaves.fromEpochMicros(sql`us`)} AS time`,
    ...(known ? [sql`${leaves.fromEpochMicros(sql`known`)} AS known`] : []),
    ...(plan.column === null ? [] : [sql`value`]),
    ...(plan.second === undefined ? [] : [sql`second`]),
  ]
  return sql`SELECT ${sql.join(list)} FROM (${counted}) v WHERE shown <= ${integer(limit)} ORDER BY e, shown`
}

interface Pairs {
  readonly columns: readonly Sql[]
  /** Points `p` with events `v`. */
  readonly pairs: Sql
}

/** Of a window that says by itself which events lie in it. */
function joinedPairs(scope: Scope, source: EventsPlan, { kind, plan, window }: WindowedAggregate): Pairs {
  const inputs = new TermSet()
  const [x, y] = inputsOf(inputs, source, plan)
  const points = new PointEdges(scope)
  const inside =
    kind.spans === true ? reaching(window, points) : windowKind(window).inside(window, JOINED_EVENT, points.of(window))
  const events = pointsWithEvents(scope, source, [...inputs.inputs, passing('passes', source, plan)], points)
  return {
    columns: [
      sql`${sql.id('v', x.id)} AS value`,
      sql`${sql.id('v', y.id)} AS second`,
      ...(source.knownAt === null ? [] : [sql`v.known AS known`]),
    ],
    pairs: sql`${events} WHERE v.passes IS NOT NULL${inside === undefined ? sql`` : sql` AND ${inside}`}`,
  }
}

/** Whether an interval covers some of a window. */
function reaching(window: WindowPlan, points: PointEdges): Sql | undefined {
  const bounds = windowKind(window).bounds?.(window, points.of(window))
  if (bounds === undefined) return undefined
  const { us, until } = JOINED_EVENT
  const from = bounds.from === undefined ? sql`` : sql` AND ${until} > ${bounds.from}`
  return sql`${us} < ${bounds.to}${from}`
}

/** Of a window that depends on the order of events: the newest rows, or those along a meter. */
function orderedPairs(scope: Scope, source: EventsPlan, part: WindowedAggregate): Pairs {
  const second = part.plan.second === undefined ? sql`v.x` : sql`v.y`
  return {
    columns: [sql`v.x AS value`, sql`${second} AS second`],
    pairs: rankedPairs(scope, source, part),
  }
}

function eventOf(row: Readonly<Record<string, PreviewValue>>): FeatureEvent {
  const own = (name: string): Readonly<Record<string, PreviewValue>> =>
    name in row ? { [name]: row[name] ?? null } : {}
  return { time: row['time'] ?? null, ...own('known'), ...own('value'), ...own('second') }
}
