import { sql, tableRef, type RunOptions, type Sql, type Warehouse } from '@martlet/warehouse'
import { readsEverybody } from '../compile/everybody.ts'
import { instantsSql } from '../compile/instants.ts'
import { choosePlan } from '../compile/plan-choice.ts'
import type { Scope } from '../compile/scope.ts'
import { temporaryPrefix } from '../compile/temporary-tables.ts'
import { compileTraining } from '../compile/training-sql.ts'
import { compileViewRows, viewEntities } from '../compile/view-sql.ts'
import { featureTable } from '../materialize/feature-table.ts'
import { sourceSize } from '../materialize/survey.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import { everyGrid } from '../read/spines/every-grid.ts'
import { stageSpine } from '../read/spine.ts'
import { keyAlias } from '../vocabulary/algebra/frame.ts'
import { readBy, viewOfEvents } from '../vocabulary/view-sources.ts'

/** A table `(key aliases, at, f0, f1 …)`: the rows of a definition, its features in their order. */
export interface StagedRows {
  readonly table: Sql
  readonly drop: Sql
}

export interface StagedTimes {
  /** In order. */
  readonly times: readonly bigint[]
  /** Whether both definitions have rows at these times and at no others between them. */
  readonly every: boolean
  /** A table with the key aliases of the only entities that are wanted; undefined: all. */
  readonly only: Sql | undefined
  /** About how many entities there are. */
  readonly entities: number
}

/** The column of a value of a staged definition. */
export function stagedValue(feature: number): string {
  return `f${feature}`
}

/** Computes the rows that materialization would write at some feature times. */
export async function stageWritten(
  session: Warehouse,
  view: ViewPlan,
  { times, every, only, entities }: StagedTimes,
  run: RunOptions,
): Promise<StagedRows> {
  const { leaves } = session
  const range = { from: times[0] ?? 0n, to: (times.at(-1) ?? 0n) + 1n }
  // The rank of an entity depends on those that are not wanted.
  const ranked = [view, ...readBy(view)].some(readsEverybody)
  // A scan aggregates the events of everybody.
  const options =
    only === undefined || ranked ? await planOf(session, view, { times: times.length, entities }) : { only }
  const compiled = compileViewRows(session, view, range, options)
  for (const statement of compiled.prepare) await session.run(statement, run)
  const micros = leaves.epochMicros(sql`q.feature_time`)
  const conditions = every ? [] : [sql`${micros} IN (SELECT t FROM (${instantsSql(leaves, times)}) g)`]
  const staged = await stage(session, view, compiled.query, sql`q.feature_time`, {
    conditions,
    only: ranked ? only : undefined,
    run,
  })
  for (const statement of compiled.cleanup) await session.run(statement, run)
  return staged
}

/** The cheapest way to compute the rows, as materialization would choose it without stored tiles. */
async function planOf(
  session: Warehouse,
  view: ViewPlan,
  { times, entities }: { readonly times: number; readonly entities: number },
): Promise<{ readonly lookup?: Scope['lookup']; readonly arrivals?: Scope['arrivals'] }> {
  const counted = viewOfEvents(view)
  if (counted === undefined) return {}
  const size = await sourceSize(session, counted, entities)
  if (size === undefined) return {}
  const { lookup, arrivals } = choosePlan(counted, size, times)
  return lookup === undefined ? { arrivals } : { lookup, arrivals }
}

/** Computes the rows that would be served at some moments, for a view whose rows are made when they are asked for. */
export async function stageServed(
  session: Warehouse,
  view: ViewPlan,
  { times, only }: StagedTimes,
  run: RunOptions,
): Promise<StagedRows> {
  const [first, last] = [times[0] ?? 0n, times.at(-1) ?? 0n]
  const grid = everyGrid({ of: view, from: dateOf(first), to: dateOf(last + 1000n), every: '1d' })
  const time = freeName(view)
  const spine = await stageSpine(session, grid, time, view.entity.keys, `${temporaryPrefix()}_spine`, run)
  const features = view.features.map(({ name }) => name)
  const service = { name: 'diff', views: [{ view, features }], hash: '' }
  const compiled = compileTraining(session.leaves, service, [], spine, {
    asOf: last,
    from: 'facts',
    featureTable: (of) => tableRef(featureTable(of)),
  })
  for (const statement of compiled.prepare) await session.run(statement, run)
  const staged = await stage(session, view, compiled.query, sql.id('q', time), {
    conditions: [],
    only,
    run,
    prefix: `${view.name}__`,
  })
  for (const statement of compiled.cleanup) await session.run(statement, run)
  return staged
}

/** A table `(key aliases)`: so many entities of both definitions, those with the smallest hashes of their keys. */
export async function stageSample(
  session: Warehouse,
  views: readonly ViewPlan[],
  entities: { readonly last: bigint; readonly sample: number },
  run: RunOptions,
): Promise<StagedRows> {
  const keys = (views[0]?.entity.keys ?? []).map((_, i) => sql.id(keyAlias(i)))
  // Mostly both have the entities of the same facts, which are then looked through once.
  const distinct = new Map(views.map((view) => [JSON.stringify([view.entity, view.source, view.population]), view]))
  const all = sql.join(
    [...distinct.values()].map((view) => viewEntities(session.leaves, view, entities.last)),
    sql` UNION `,
  )
  return createTable(
    session,
    sql`
      SELECT ${sql.join(keys)}
      FROM (${all}) n
      ORDER BY ${session.leaves.stableHash(...keys)}, ${sql.join(keys)}
      LIMIT ${sql.raw(String(entities.sample))}
    `,
    run,
  )
}

export async function createTable(session: Warehouse, rows: Sql, run: RunOptions): Promise<StagedRows> {
  const table = sql.id(`${temporaryPrefix()}_diff`)
  await session.run(sql`CREATE TEMPORARY TABLE ${table} AS ${rows}`, run)
  return { table, drop: sql`DROP TABLE IF EXISTS ${table}` }
}

interface Staging {
  readonly conditions: readonly Sql[]
  readonly only: Sql | undefined
  readonly run: RunOptions
  /** What stands before the names of features. */
  readonly prefix?: string
}

async function stage(
  session: Warehouse,
  view: ViewPlan,
  query: Sql,
  at: Sql,
  { conditions, only, run, prefix = '' }: Staging,
): Promise<StagedRows> {
  const keys = view.entity.keys.map(({ name }, i) => sql`${sql.id('q', name)} AS ${sql.id(keyAlias(i))}`)
  const values = view.features.map(
    ({ name }, i) => sql`${sql.id('q', `${prefix}${name}`)} AS ${sql.id(stagedValue(i))}`,
  )
  const same = view.entity.keys.map(({ name }, i) => sql`${sql.id('q', name)} = ${sql.id('o', keyAlias(i))}`)
  const wanted = only === undefined || same.length === 0 ? sql`` : sql` JOIN ${only} o ON ${sql.join(same, sql` AND `)}`
  const kept = conditions.length === 0 ? sql`` : sql` WHERE ${sql.join(conditions, sql` AND `)}`
  return createTable(
    session,
    sql`SELECT ${sql.join([...keys, sql`${at} AS at`, ...values])} FROM (${query}) q${wanted}${kept}`,
    run,
  )
}

function dateOf(micros: bigint): Date {
  return new Date(Number(micros / 1000n))
}

/** A name for the column of the moment that no key has. */
function freeName({ entity }: ViewPlan): string {
  let name = 'diff_at'
  while (entity.keys.some((key) => key.name === name)) name = `${name}_`
  return name
}
