import { sql, type RunOptions, type Sql, type Warehouse } from '@martlet/warehouse'
import { eventsSql } from '../../compile/events.ts'
import { PointEdges } from '../../compile/points/point-edges.ts'
import { scopeOf, type Scope } from '../../compile/scope.ts'
import { temporaryPrefix } from '../../compile/temporary-tables.ts'
import { inputsOf, passing } from '../../compile/window-feature.ts'
import type { FeaturePlan } from '../../plan/feature-plan.ts'
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
function eventsBehind(scope: Scope, source: EventsPlan, { plan, window }: WindowedAggregate, limit: number): Sql {
  const { leaves, view, first } = scope
  const inputs = new TermSet()
  const [x, y] = inputsOf(inputs, source, plan)
  const passes = passing('passes', source, plan)
  const points = new PointEdges(scope, integer(first))
  const known = source.knownAt !== null
  const inside = windowKind(window).inside(window, { us: sql`v.us`, back: sql`v.back` }, points.of(window))
  const newest = sql`v.us DESC NULLS LAST, v.sequence DESC NULLS LAST, ${sql.id('v', x.id)} DESC NULLS LAST`
  const arrived = known ? sql` AND v.known <= ${integer(first + BigInt(view.delay))}` : sql``
  const before = sql`
    SELECT v.*, ROW_NUMBER() OVER (PARTITION BY v.e ORDER BY ${newest}) AS back
    FROM (${eventsSql(scope, source, [...inputs.inputs, passes], 'entity')}) v
    WHERE v.us < ${integer(first)} AND v.passes IS NOT NULL${arrived}
  `
  const counted = sql`
    SELECT v.*, COUNT(*) OVER (PARTITION BY v.e) AS total, ROW_NUMBER() OVER (PARTITION BY v.e ORDER BY ${newest}) AS shown
    FROM (${before}) v${inside === undefined ? sql`` : sql` WHERE ${inside}`}
  `
  const columns = [
    sql`v.e AS e`,
    sql`v.total AS total`,
    sql`${leaves.fromEpochMicros(sql`v.us`)} AS time`,
    ...(known ? [sql`${leaves.fromEpochMicros(sql`v.known`)} AS known`] : []),
    ...(plan.column === null ? [] : [sql`${sql.id('v', x.id)} AS value`]),
    ...(plan.second === undefined ? [] : [sql`${sql.id('v', y.id)} AS second`]),
  ]
  return sql`
    SELECT ${sql.join(columns)}
    FROM (${counted}) v
    WHERE v.shown <= ${integer(limit)}
    ORDER BY v.e, v.shown
  `
}

function eventOf(row: Readonly<Record<string, PreviewValue>>): FeatureEvent {
  const own = (name: string): Readonly<Record<string, PreviewValue>> =>
    name in row ? { [name]: row[name] ?? null } : {}
  return { time: row['time'] ?? null, ...own('known'), ...own('value'), ...own('second') }
}
