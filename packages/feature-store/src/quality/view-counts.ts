import type { Warehouse } from '@martlet/warehouse'
import { instantText, shortInstant } from '../catalog/instant.ts'
import { durationText } from '../plan/time/duration-text.ts'
import { isContinuous, stepsOf, type ViewPlan } from '../plan/view-plan.ts'
import { eventsOf } from '../vocabulary/sources/list.ts'
import type { CheckOptions } from './check-view.ts'
import { checkKey } from './finding.ts'
import type { QualityOptions } from './options.ts'
import { countOverlaps, isJoinedHistory } from './overlaps.ts'
import { countersOf, countResets } from './resets.ts'
import { once } from './scan-once.ts'
import {
  options as runOptions,
  scanFailed,
  type Count,
  type Run,
  type ScanResult,
  type TableScan,
} from './table-scan.ts'
import { countGaps, countSilent } from './time-series.ts'
import { expectsRows } from './view-scans.ts'

/** A check that sorts the history of a fact. */
interface SeriesCheck extends Pick<Count, 'column' | 'check'> {
  /** What distinguishes its scans from those of others. */
  readonly name: string
  readonly count: (run: Run) => Promise<Count>
}

// Sorting a history costs more than looking at rows, so what is off is not computed.
export async function seriesCounts(
  warehouse: Warehouse,
  view: ViewPlan,
  scan: TableScan,
  found: ScanResult,
  { staleAfter = 3, memory, severity, series = true, signal }: CheckOptions,
): Promise<readonly Count[]> {
  const { source } = scan
  const joined = isJoinedHistory(view, source)
  if (
    (eventsOf(source) === undefined && !joined) ||
    found.counts.some(({ check, column }) => check === 'missing' && (column === null || scan.always.includes(column)))
  )
    return []
  if (isContinuous(view)) return []
  const limit = staleAfter * stepsOf(view).every
  const off = { message: 'is off', count: 0, total: 0, example: null, query: '' }
  const overlaps: SeriesCheck = {
    column: null,
    check: 'overlaps',
    name: 'overlaps',
    count: (run) => countOverlaps(warehouse, scan, run),
  }
  const ofEvents = (): readonly SeriesCheck[] => [
    { column: null, check: 'gaps', name: 'gaps', count: (run) => countGaps(warehouse, scan, run) },
    {
      column: null,
      check: 'silent',
      name: `silent ${limit}`,
      count: (run) => countSilent(warehouse, scan, limit, run),
    },
    ...(source.table === view.source?.table ? countersOf(view) : []).map((column): SeriesCheck => ({
      column,
      check: 'resets',
      name: `resets ${column}`,
      count: (run) => countResets(warehouse, scan, column, run),
    })),
  ]
  const counts: Count[] = []
  const wanted = joined ? [overlaps] : expectsRows(view, source.table) ? ofEvents() : []
  for (const { column, check, name, count } of wanted) {
    if (!series || severity?.[checkKey({ table: source.table, column, check })] === 'off')
      counts.push({ ...off, column, check })
    else {
      const result = await once(memory, name, scan, async () => {
        try {
          return { ...found, counts: [await count(runOptions(signal))] }
        } catch (cause) {
          throw scanFailed(source.table, cause)
        }
      })
      counts.push(...result.counts)
    }
  }
  return counts
}

// Age and volume are judged per view: they depend on its grid and delay.
export function ageCounts(
  view: ViewPlan,
  scan: TableScan,
  found: ScanResult,
  { staleAfter = 3 }: QualityOptions,
): readonly Count[] {
  if (found.counts.some(({ check, column }) => check === 'missing' && (column === null || column === scan.time)))
    return []
  const total = found.rows
  const counts: Count[] = [
    {
      column: null,
      check: 'volume',
      message: 'has no rows where some were expected',
      count: total === 0 ? 1 : 0,
      total,
      example: null,
      query: '',
    },
  ]
  if (scan.time === null || scan.to !== null || found.newest === null) return counts
  if (isContinuous(view) || !expectsRows(view, scan.source.table)) return counts
  const limit = BigInt(view.delay) + BigInt(Math.round(staleAfter * stepsOf(view).every))
  const age = scan.now - found.newest
  counts.push({
    column: scan.time,
    check: 'freshness',
    message: `has nothing newer than ${shortInstant(found.newest)}, and ${view.name} expects rows every ${durationText(stepsOf(view).every)}`,
    count: age > limit ? 1 : 0,
    total: 0,
    example: instantText(found.newest),
    query: '',
  })
  return counts
}
