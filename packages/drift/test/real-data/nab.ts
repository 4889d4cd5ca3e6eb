import { rowsOf, sql, type Warehouse } from '@martlet/warehouse'
import { profileOfColumns, runDrift, type DriftResult, type TimeWindow } from '../../src/index.ts'
import { files } from './files.ts'

const DAY = 86_400_000
/** Days before the first that is judged: the monitor's reference. */
const FIRST = 7
/** Series of so many days are compared with the same weekday of the eight weeks before. */
const LONG = 70

/** A series, day by day. */
export interface WatchedSeries {
  readonly series: string
  readonly result: DriftResult
  readonly labelled: readonly TimeWindow[]
}

/** What monitors found, of all labelled windows that lie in days that were judged. */
export interface SeriesScore {
  readonly days: number
  readonly alerts: number
  /** Alerts on days without a labelled window. */
  readonly outside: number
  /** Days without a labelled window. */
  readonly quiet: number
  readonly windows: number
  readonly hit: number
}

interface Span {
  readonly series: string
  readonly first: Date
  readonly last: Date
}

/**
 * Every series, day by day, by the same monitor: compared with the seven days before. `weekdays` watches only the long
 * ones, compared with the same weekday of the eight weeks before.
 */
export async function watchSeries(
  warehouse: Warehouse,
  folder: string,
  { weekdays = false }: { readonly weekdays?: boolean } = {},
): Promise<readonly WatchedSeries[]> {
  const spans = rowsOf<Span>(
    await warehouse.read(sql`
      SELECT series, date_trunc('day', min(ts)) AS first, max(ts) AS last
      FROM read_parquet(${files.series})
      WHERE series LIKE ${`${folder}%`}
      GROUP BY series ORDER BY series
    `),
  )
  const labels = rowsOf<{ series: string; from: Date; to: Date }>(
    await warehouse.read(
      sql`SELECT series, window_start AS "from", window_end AS "to" FROM read_parquet(${files.labelled})`,
    ),
  )
  const watched: WatchedSeries[] = []
  for (const { series, first, last } of spans) {
    const days = Math.ceil((last.getTime() - first.getTime()) / DAY)
    if (weekdays && days < LONG) continue
    const before = weekdays ? 56 : FIRST
    const windows = Array.from({ length: Math.max(0, days - before) }, (_, i) => ({
      from: new Date(first.getTime() + (before + i) * DAY),
      to: new Date(first.getTime() + (before + i + 1) * DAY),
    }))
    if (windows.length === 0) continue
    const result = await runDrift({
      warehouse,
      monitor: series,
      profile: profileOfColumns(series, [{ name: 'value', type: 'double' }]),
      current: {
        relation: sql`SELECT ts, value FROM read_parquet(${files.series}) WHERE series = ${series}`,
        time: 'ts',
      },
      windows,
      against: weekdays ? { windows: 8, every: '7d' } : { trailing: `${FIRST}d` },
      now: last,
      record: false,
    })
    watched.push({ series, result, labelled: labels.filter((label) => label.series === series) })
  }
  return watched
}

export function scoreOf({ result, labelled }: WatchedSeries): SeriesScore {
  const days = result.windows.map(({ from, to, severity }) => ({
    from: Date.parse(from ?? ''),
    to: Date.parse(to ?? ''),
    alerts: severity === 'warn' || severity === 'crit',
  }))
  const within = ({ from, to }: TimeWindow) => days.filter((day) => day.from <= to.getTime() && from.getTime() < day.to)
  const inside = new Set(labelled.flatMap(within))
  const judged = labelled.filter((label) => within(label).length > 0)
  return {
    days: days.length,
    alerts: days.filter(({ alerts }) => alerts).length,
    outside: days.filter((day) => day.alerts && !inside.has(day)).length,
    quiet: days.filter((day) => !inside.has(day)).length,
    windows: judged.length,
    hit: judged.filter((label) => within(label).some(({ alerts }) => alerts)).length,
  }
}
