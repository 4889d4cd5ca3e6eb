import { MartletError, sameType, sql, storedType, tableRef, type Warehouse } from '@martlet/warehouse'
import type { Catalog } from '../catalog/catalog.ts'
import { instantText, shortInstant } from '../catalog/instant.ts'
import { tableHash } from '../catalog/table-hash.ts'
import { readViewState } from '../catalog/view-state.ts'
import { servedFeatureTime } from '../plan/time/grid.ts'
import { passedThroughOf, sourceKind, viewsOf } from '../vocabulary/sources/list.ts'
import { scanSource } from '../vocabulary/sources/scan.ts'
import { featureColumns, featureTable } from '../materialize/feature-table.ts'
import { stepsOf, type ViewPlan } from '../plan/view-plan.ts'

interface Covered {
  readonly since: bigint
  /** The end of the feature times in the table, exclusive. */
  readonly watermark: bigint
}

/**
 * Refuses a feature table that would give nulls where the facts give values.
 *
 * With a catalog, its watermark and definition hash decide. Without one, the table's columns and its first and last
 * feature time do; they cannot reveal a definition that computes other values under the same names.
 * @throws MartletError NOT_MATERIALIZED when the table is missing, or does not reach from the spine's first to its last feature time
 * @throws MartletError MATERIALIZED_OTHERWISE when the table holds rows of another definition
 */
export async function checkFeatureTable(
  warehouse: Warehouse,
  catalog: Catalog | undefined,
  view: ViewPlan,
  spine: { readonly first: bigint; readonly last: bigint },
): Promise<void> {
  const table = featureTable(view)
  const there = await warehouse.introspect(table)
  if (there === undefined) throw notMaterialized(view, `table ${table} does not exist. Materialize ${view.name} first`)
  const different = featureColumns(view).find(
    ({ name, type }) =>
      !there.some((column) => column.name === name && sameType(column.type, storedType(warehouse.engine, type))),
  )
  if (different !== undefined)
    throw otherwise(view, `it lacks column ${different.name} as ${JSON.stringify(different.type)}`)
  const covered = catalog === undefined ? await coveredByTable(warehouse, view) : await coveredByCatalog(catalog, view)
  if (covered === undefined)
    throw notMaterialized(view, `${table} has no rows of a finished run. Materialize ${view.name} first`)
  const first = servedFeatureTime(stepsOf(view), view.delay, spine.first)
  const last = servedFeatureTime(stepsOf(view), view.delay, spine.last)
  const range = `${table} has feature times from ${shortInstant(covered.since)} to before ${shortInstant(covered.watermark)}`
  if (last >= covered.watermark)
    throw notMaterialized(
      view,
      `${range}, but the spine needs ${shortInstant(last)}. Materialize ${view.name} up to there`,
      last,
    )
  const before = servedFeatureTime(stepsOf(view), 0, covered.since - 1n)
  if (first < covered.since && (await mayHaveRows(warehouse, view, before))) {
    throw notMaterialized(
      view,
      `${range}, but the spine needs ${shortInstant(first)}. Materialize ${view.name} with from: '${shortInstant(first)}'`,
      first,
    )
  }
}

async function coveredByCatalog(catalog: Catalog, view: ViewPlan): Promise<Covered | undefined> {
  const { covered } = await readViewState(catalog.db, view.name)
  if (covered !== null && covered.hash !== tableHash(view))
    throw otherwise(
      view,
      `the catalog has it computed by definition ${covered.hash.slice(0, 8)}, this one is ${tableHash(view).slice(0, 8)}`,
    )
  return covered ?? undefined
}

async function coveredByTable(warehouse: Warehouse, view: ViewPlan): Promise<Covered | undefined> {
  const micros = warehouse.leaves.epochMicros(sql`feature_time`)
  const { columns } = await warehouse.read(
    sql`SELECT MIN(${micros}) AS first, MAX(${micros}) AS last FROM ${tableRef(featureTable(view))}`,
  )
  const [since, newest] = columns.map((column) =>
    column.type === 'bigint' && column.nulls?.[0] !== 1 ? column.values[0] : undefined,
  )
  return since === undefined || newest === undefined ? undefined : { since, watermark: newest + 1n }
}

/** Whether the view can have rows at T or before, which a table that begins later lacks. */
async function mayHaveRows(warehouse: Warehouse, view: ViewPlan, T: bigint): Promise<boolean> {
  for (const read of viewsOf(view.source)?.views ?? [])
    if (await mayHaveRows(warehouse, read, servedFeatureTime(stepsOf(read), read.delay, T + BigInt(view.delay))))
      return true
  if (viewsOf(view.source) !== undefined) return false
  const population = view.population ?? view.source
  if (population === null || passedThroughOf(population) !== undefined) return true
  const begins = sourceKind(population).begins(population)
  if (begins === null) return true
  const time = begins.column
  const micros = warehouse.leaves.epochMicros(sql.id('s', time))
  const { columns } = await warehouse.read(
    sql`SELECT MIN(${micros}) AS oldest FROM (${scanSource(warehouse.leaves, population, [time])}) s`,
  )
  const [oldest] = columns
  if (oldest?.type !== 'bigint' || oldest.nulls?.[0] === 1) return false
  const first = oldest.values[0] ?? 0n
  return begins.inclusive ? first <= T : first < T
}

function notMaterialized(view: ViewPlan, says: string, needed?: bigint): MartletError {
  return new MartletError(
    'NOT_MATERIALIZED',
    `View ${view.name} cannot be read from its feature table: ${says}, or build the training set with from: 'facts'.`,
    {
      data: {
        view: view.name,
        table: featureTable(view),
        ...(needed === undefined ? {} : { needed: instantText(needed) }),
      },
    },
  )
}

function otherwise(view: ViewPlan, says: string): MartletError {
  return new MartletError(
    'MATERIALIZED_OTHERWISE',
    `${featureTable(view)} was computed by another definition of view ${view.name}: ${says}. ` +
      "Materialize it again, or build the training set with from: 'facts'.",
    { data: { view: view.name, table: featureTable(view) } },
  )
}
