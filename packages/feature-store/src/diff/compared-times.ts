import { MartletError, sql, type RunOptions, type Warehouse } from '@martlet/warehouse'
import { shortInstant } from '../catalog/instant.ts'
import { gridBefore, gridCeiling } from '../plan/time/grid-search.ts'
import { gridInstants, servedFeatureTime } from '../plan/time/grid.ts'
import { gridOf, isContinuous, type GridPlan, type ViewPlan } from '../plan/view-plan.ts'
import { passedThroughOf, sourceKind, viewsOf } from '../vocabulary/sources/list.ts'
import { scanSource } from '../vocabulary/sources/scan.ts'
import { viewSources } from '../vocabulary/view-sources.ts'

export interface TimeRange {
  /** The first feature time, µs. @default only the last one that the facts reach */
  readonly from: bigint | undefined
  /** Feature times before this, µs. @default all that have closed and that the facts reach */
  readonly to: bigint | undefined
  readonly now: bigint
}

/** A view without feature times of its own is read at midnights, UTC. */
const MIDNIGHTS: GridPlan = { every: 86_400_000_000, zone: 'UTC' }

/** How many feature times back one is looked for that both grids have. */
const REACH = 1_000n

/** Whether the rows of a view are written at feature times; otherwise they are made when they are asked for. */
export function isWritten(view: ViewPlan): boolean {
  return !isContinuous(view) && passedThroughOf(view.source) === undefined
}

/**
 * The feature times that both definitions have in a range, in order; without a range the last one up to which there are
 * facts. Empty: they have none in common.
 * @throws MartletError NO_INSTANTS when one of them has none in the range
 */
export async function comparedTimes(
  warehouse: Warehouse,
  before: ViewPlan,
  after: ViewPlan,
  range: TimeRange,
  run: RunOptions,
): Promise<readonly bigint[]> {
  const written = isWritten(before) && isWritten(after)
  const [old, now] = written ? [gridOf(before), gridOf(after)] : [MIDNIGHTS, MIDNIGHTS]
  const [rare, fine] = old.every > now.every ? [old, now] : [now, old]
  const end = range.to ?? (await lastTime(warehouse, [before, after], written, rare, range.now, run)) + 1n
  const from = range.from ?? gridBefore(rare, end) ?? end
  const wanted = gridInstants(rare, from, end)
  if (wanted.length === 0) throw noTimes(after, from, end, range.to !== undefined)
  const common = wanted.filter((t) => isTimeOf(fine, t))
  if (common.length > 0 || range.from !== undefined) return common
  const further = gridInstants(rare, end - REACH * BigInt(rare.every), end).findLast((t) => isTimeOf(fine, t))
  return further === undefined ? [] : [further]
}

/** Whether both grids have the same feature times. */
export function sameGrid(before: ViewPlan, after: ViewPlan): boolean {
  const [old, now] = [gridOf(before), gridOf(after)]
  return old.every === now.every && old.zone === now.zone
}

function isTimeOf(grid: GridPlan, t: bigint): boolean {
  return servedFeatureTime(grid, 0, t) === t
}

/** The last time that has closed by both definitions, and not beyond the first one after the newest row of a source. */
async function lastTime(
  warehouse: Warehouse,
  views: readonly ViewPlan[],
  written: boolean,
  grid: GridPlan,
  now: bigint,
  run: RunOptions,
): Promise<bigint> {
  const delays = written ? views.map(({ delay }) => delay) : [0]
  const closed = servedFeatureTime(grid, Math.max(...delays), now)
  const newest = await newestRow(warehouse, views, now, run)
  if (newest === undefined) return closed
  const reached = gridCeiling(grid, newest + 1n)
  return reached < closed ? reached : closed
}

/** The newest time, µs, of the events and precomputed rows that definitions read; those after the clock do not count. */
async function newestRow(
  warehouse: Warehouse,
  views: readonly ViewPlan[],
  now: bigint,
  run: RunOptions,
): Promise<bigint | undefined> {
  const { leaves } = warehouse
  let newest: bigint | undefined
  for (const { source } of views.flatMap(viewSources)) {
    const kind = sourceKind(source)
    const time = kind.events?.(source).eventTime ?? kind.passedThrough?.(source).time
    if (time === undefined || viewsOf(source) !== undefined) continue
    const micros = leaves.epochMicros(sql.id('f', time))
    const { columns } = await warehouse.read(
      sql`
        SELECT MAX(${micros}) AS newest
        FROM (${scanSource(leaves, source, [time])}) f
        WHERE ${sql.id('f', time)} <= ${leaves.timestamp(now)}
      `,
      run,
    )
    const [found] = columns
    if (found?.type !== 'bigint' || found.nulls?.[0] === 1) continue
    const value = found.values[0] ?? 0n
    if (newest === undefined || value > newest) newest = value
  }
  return newest
}

function noTimes({ name }: ViewPlan, from: bigint, to: bigint, isGiven: boolean): MartletError {
  const range = { from: shortInstant(from), to: shortInstant(to) }
  const why = isGiven
    ? `to before ${range.to}. Give a range that contains one of its grid.`
    : `on. The last one that has closed and that facts reach is ${shortInstant(to - 1n)}; begin there, or earlier.`
  return new MartletError('NO_INSTANTS', `View ${name} has no feature time from ${range.from} ${why}`, {
    data: { view: name, ...range },
  })
}
