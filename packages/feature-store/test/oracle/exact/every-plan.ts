import { sql, tableRef, type ColumnBatch, type Warehouse } from '@martlet/warehouse'
import { compileTraining, type TrainingOptions } from '../../../src/compile/training-sql.ts'
import { temporaryPrefix } from '../../../src/compile/temporary-tables.ts'
import type { MomentTable } from '../../../src/compile/tiles/moment-table.ts'
import type { CompiledRows } from '../../../src/compile/view-sql.ts'
import {
  compileViewRows,
  featureService,
  gridInstants,
  materialize,
  openCatalog,
  openMemoryStore,
  openOnlineReader,
  type AnyFeatureService,
  type AnyFeatureView,
  type FeatureValue,
} from '../../../src/index.ts'
import { refreshMoments, sharedMoments } from '../../../src/materialize/refresh-moments.ts'
import { readBy } from '../../../src/vocabulary/view-sources.ts'
import { gridCeiling } from '../../../src/plan/time/grid-search.ts'
import { gridOf, type ViewPlan } from '../../../src/plan/view-plan.ts'
import { stageSpine } from '../../../src/read/spine.ts'
import { rowsOf, tableBatch } from '../mart-tables.ts'
import type { Row } from '../row.ts'

/** A row that somebody may ask for: a meter at a feature time. */
export interface Point {
  readonly meter: string
  readonly T: number
}

export interface Range {
  readonly from: number
  readonly to: number
}

/** What one way of computing says of some points; undefined where it has no row. */
export interface PlanRows {
  readonly plan: string
  readonly rows: ReadonlyMap<string, Row>
  readonly points: readonly Point[]
}

export interface PlanFailure {
  readonly plan: string
  readonly error: unknown
}

export const pointName = ({ meter, T }: Point): string => `${meter} at ${new Date(T / 1000).toISOString()}`

/** How values come out of batches and vectors. */
export interface Cells {
  readonly rows: (found: ColumnBatch) => readonly Row[]
  readonly value: (value: FeatureValue) => Row[string]
}

const DAY = 86_400_000_000

const NUMBERS: Cells = { rows: rowsOf, value: (value) => (typeof value === 'bigint' ? Number(value) : value) }

interface Given {
  readonly cells: Cells
  readonly warehouse: Warehouse
  readonly view: AnyFeatureView
  readonly plan: ViewPlan
  readonly service: AnyFeatureService
  readonly range: Range
  readonly points: readonly Point[]
}

/** The rows of a view by every plan there is: of rows, of training sets, of tables and of the online store. */
export async function everyPlan(
  warehouse: Warehouse,
  view: AnyFeatureView,
  meters: readonly string[],
  range: Range,
  cells = NUMBERS,
): Promise<readonly (PlanRows | PlanFailure)[]> {
  const { plan } = view
  const instants = gridInstants(gridOf(plan), BigInt(range.from), BigInt(range.to))
  const points = meters.flatMap((meter) => instants.map((T): Point => ({ meter, T: Number(T) })))
  const given: Given = { cells, warehouse, view, plan, service: featureService('exact_service', [view]), range, points }
  const found: (PlanRows | PlanFailure)[] = []
  const attempt = async (name: string, work: () => Promise<readonly PlanRows[]>): Promise<void> => {
    try {
      found.push(...(await work()))
    } catch (error) {
      found.push({ plan: name, error })
    }
  }
  for (const [name, lookup] of Object.entries(rowPlans(plan))) await attempt(name, () => viewRows(given, name, lookup))
  for (const lookup of ['dense', 'sparse'] as const) {
    const name = `training from facts, ${lookup}`
    await attempt(name, () => trainingRows(given, name, { from: 'facts', lookup }))
  }
  await attempt('stored moments', () => fromMoments(given))
  await attempt('materialized', () => materialized(given))
  await attempt('materialized with the views that it reads', () => materializedWithRead(given))
  return found
}

type RowOptions = NonNullable<Parameters<typeof compileViewRows>[3]>

function rowPlans({ source }: ViewPlan): Readonly<Record<string, RowOptions>> {
  const late = source?.kind === 'fact' && 'knownAt' in source && source.knownAt !== null
  return late
    ? {
        'rows from logs': { lookup: 'sparse', arrivals: 'logs' },
        'rows from a join of windows': { lookup: 'sparse', arrivals: 'join' },
        'rows from a join': { lookup: 'direct' },
        'rows from a scan': { lookup: 'scan' },
      }
    : {
        'rows, dense': { lookup: 'dense' },
        'rows, sparse': { lookup: 'sparse' },
        'rows from a join': { lookup: 'direct' },
        'rows from a scan': { lookup: 'scan' },
      }
}

const microRange = ({ from, to }: Range) => ({ from: BigInt(from), to: BigInt(to) })

async function run(
  session: Warehouse,
  { prepare, query, cleanup }: CompiledRows,
  { rows }: Cells,
): Promise<readonly Row[]> {
  for (const statement of prepare) await session.run(statement)
  try {
    return rows(await session.read(query))
  } finally {
    for (const statement of cleanup) await session.run(statement)
  }
}

function viewRows(given: Given, plan: string, options: RowOptions): Promise<readonly PlanRows[]> {
  const { cells, warehouse, plan: view, range, points } = given
  return warehouse.session(async (session) => {
    const rows = await run(session, compileViewRows(session, view, microRange(range), options), cells)
    return [{ plan, points, rows: byPoint(rows) }]
  })
}

const byPoint = (rows: readonly Row[]): ReadonlyMap<string, Row> =>
  new Map(rows.map((row) => [pointName({ meter: String(row['meter']), T: Number(row['feature_time']) }), row]))

/** One spine row for each point, asked when the point's row has just begun to be served, or just before the next one is. */
async function trainingRows(
  { cells, warehouse, plan: view, service, points }: Given,
  plan: string,
  options: Pick<TrainingOptions, 'from' | 'lookup' | 'moments'>,
): Promise<readonly PlanRows[]> {
  const lastServed = (T: number): number => Number(gridCeiling(gridOf(view), BigInt(T) + 1n)) - 1
  const spine = points.map(({ meter, T }, i) => ({ meter, at: view.delay + (i % 2 === 0 ? T : lastServed(T)) }))
  return warehouse.session(async (session) => {
    const staged = await stageSpine(
      session,
      { rows: tableBatch(spine, { meter: 'text', at: 'timestamp' }) },
      'at',
      view.entity.keys,
      `${temporaryPrefix()}_spine`,
    )
    const compiled = compileTraining(session.leaves, service.plan, [], staged, {
      asOf: staged.last,
      featureTable: () => tableRef(`features.${view.name}`),
      ...options,
    })
    const ordered = sql`SELECT * FROM (${compiled.query}) q ORDER BY spine_row`
    const rows = await run(session, { ...compiled, query: ordered }, cells)
    return [{ plan, points, rows: new Map(points.map((point, i) => [pointName(point), bare(view, rows[i] ?? {})])) }]
  })
}

/** Without the view's name before each feature. */
function bare(view: ViewPlan, row: Row): Row {
  return Object.fromEntries(view.features.map(({ name }) => [name, row[`${view.name}__${name}`] ?? null]))
}

async function fromMoments(given: Given): Promise<readonly PlanRows[]> {
  const { warehouse, plan: view, range } = given
  const moments: MomentTable | undefined = sharedMoments([view]).get(view.name)
  if (moments === undefined) return []
  const { from, to } = microRange(range)
  const every = BigInt(view.grid.every)
  const half = from + ((to - from) / (2n * every)) * every
  for (const end of [half, to]) await refreshMoments(warehouse, moments, end, async () => {})
  return [
    ...(await viewRows(given, 'rows from stored moments, dense', { lookup: 'dense', moments })),
    ...(await viewRows(given, 'rows from stored moments, sparse', { lookup: 'sparse', moments })),
    ...(await trainingRows(given, 'training from stored moments', { from: 'facts', moments: () => moments })),
  ]
}

async function materialized(given: Given): Promise<readonly PlanRows[]> {
  const { cells, warehouse, view, plan, service, range, points } = given
  await using catalog = await openCatalog({ path: ':memory:' })
  await using online = openMemoryStore()
  const last = Math.max(...points.map(({ T }) => T))
  const meters = points.filter(({ T }) => T === last).length
  const now = BigInt(last + plan.delay)
  const { from } = microRange(range)
  await materialize({
    warehouse,
    catalog,
    online,
    views: [view],
    from,
    now,
    chunk: { instants: Math.ceil(points.length / meters / 2) },
    quality: false,
  })
  const newest = points.filter(({ T }) => T === last)
  const vectors = await openOnlineReader({ service: service.plan, store: online }).read(
    newest.map(({ meter }) => ({ meter })),
    { now },
  )
  const served = newest.flatMap((point, i): readonly (readonly [string, Row])[] => {
    if (vectors.featureTime(i, 0) !== BigInt(point.T)) return []
    const values = vectors.fields.map(({ feature }, field) => [feature, cells.value(vectors.value(i, field))] as const)
    return [[pointName(point), Object.fromEntries(values)]]
  })
  return [
    ...(await trainingRows(given, 'training from the feature table', { from: 'materialized' })),
    { plan: 'online', points: newest, rows: new Map(served) },
  ]
}

/** From the tables of the views that it reads, in two runs, the second of which writes the end of the first again. */
async function materializedWithRead(given: Given): Promise<readonly PlanRows[]> {
  const { warehouse, view, plan, range, points } = given
  const read = readBy(plan).filter(({ source }) => source?.kind !== 'precomputed')
  if (read.length === 0) return []
  await using catalog = await openCatalog({ path: ':memory:' })
  const times = points.map(({ T }) => T + plan.delay)
  const [first, last] = [Math.min(...times), Math.max(...times)]
  // A view that several read is written once.
  const views = [view, ...new Map(read.map((one) => [one.name, { ...one, repair: gridOf(plan).every }])).values()]
  for (const now of [(first + last) / 2, last]) {
    // The second run goes on where the first ended.
    const from = now === last ? {} : { from: BigInt(range.from - 7 * DAY) }
    await materialize({ warehouse, catalog, views, ...from, now: BigInt(Math.round(now)), quality: false })
  }
  return trainingRows(given, 'training from a table made of tables', { from: 'materialized' })
}
