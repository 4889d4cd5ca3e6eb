import { MartletError, type Warehouse } from '@martlet/warehouse'
import { instantText, shortInstant } from '../catalog/instant.ts'
import { durationText } from '../plan/time/duration-text.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import { checkKey, findingText, ownSeverity, type CheckResult, type QualityReport } from './finding.ts'
import { checkKind } from '../vocabulary/checks/list.ts'
import { countByStatement, runnableChecks } from './declared-checks.ts'
import type { QualityOptions } from './options.ts'
import {
  options as runOptions,
  scanFailed,
  scanTable,
  type Count,
  type Run,
  type ScanResult,
  type TableScan,
} from './table-scan.ts'
import { countOverlaps, isJoinedHistory } from './overlaps.ts'
import { countersOf, countResets } from './resets.ts'
import { countGaps, countSilent } from './time-series.ts'
import { eventsOf } from '../vocabulary/sources/list.ts'
import { expectsRows, viewScans, type ScanRange } from './view-scans.ts'

export interface CheckOptions extends QualityOptions {
  readonly signal?: AbortSignal | undefined
  /** Scans that several views share are made once when they are given the same map. */
  readonly memory?: Map<string, Promise<ScanResult>>
  /**
   * Whether checks with statements of their own are made: `gaps`, `silent`, `resets` and `overlaps`, which sort a history,
   * and declared ones of whole tables.
   * @default true
   */
  readonly series?: boolean
  /** The views that are checked in the same run, so that views which read them leave their sources out. */
  readonly checked?: ReadonlySet<string>
}

/**
 * Looks at the rows that a view would be computed from, and reports what its declared columns do not allow. Errors:
 * QUALITY_SCAN_FAILED.
 */
export async function checkView(
  warehouse: Warehouse,
  of: ViewPlan | { readonly plan: ViewPlan },
  range: ScanRange,
  options: CheckOptions = {},
): Promise<QualityReport> {
  const start = performance.now()
  const view = 'plan' in of ? of.plan : of
  const known: string[] = []
  const results: CheckResult[] = []
  const scanned: string[] = []
  for (const scan of viewScans(view, range, options.checked)) {
    const found = await scanOnce(warehouse, scan, options)
    const text = scannedText(scan, found)
    const series = await seriesCounts(warehouse, view, scan, found, options)
    const declared = await declaredCounts(warehouse, scan, found, options)
    known.push(...(scan.source.checks ?? []).map(({ name }) => declaredKey(scan, name)))
    scanned.push([text, ...series.flatMap(({ note }) => note ?? [])].join('; '))
    for (const { note, ...count } of [
      ...found.counts,
      ...declared,
      ...ageCounts(view, scan, found, options),
      ...series,
    ]) {
      const key = checkKey({ ...count, table: scan.source.table })
      known.push(key)
      const severity = options.severity?.[key] ?? count.severity ?? ownSeverity(count.check)
      if (severity === 'off') continue
      results.push({
        ...count,
        example: options.redact === true && count.check !== 'freshness' ? null : count.example,
        view: view.name,
        table: scan.source.table,
        severity,
        scanned: note === undefined ? text : `${text}; ${note}`,
      })
    }
  }
  const failed = results.filter(({ count }) => count > 0)
  const findings = [
    ...failed.filter(({ severity }) => severity === 'error'),
    ...failed.filter(({ severity }) => severity === 'warn'),
  ]
  return { results, known: [...new Set(known)], findings, scanned, seconds: (performance.now() - start) / 1000 }
}

/** @throws MartletError QUALITY_FAILED when a finding is an error */
export function refuseErrors(findings: readonly CheckResult[]): void {
  const errors = findings.filter(({ severity }) => severity === 'error')
  if (errors.length === 0) return
  const shown = errors
    .slice(0, 5)
    .map((finding) => `\n  ${findingText(finding)}`)
    .join('')
  const more = errors.length > 5 ? `\n  and ${errors.length - 5} more` : ''
  const [first] = errors
  throw new MartletError(
    'QUALITY_FAILED',
    `Nothing was written, because source rows are not as declared:${shown}${more}\nCorrect the rows or the declaration, ` +
      `or let it pass with quality: { severity: { '${first === undefined ? '' : checkKey(first)}': 'warn' } }.`,
    { data: { findings } },
  )
}

/**
 * Refuses overrides of checks that no view has; those of `unread` tables are not known yet.
 * @throws MartletError QUALITY_OVERRIDE_UNKNOWN when options name a check that no view has
 */
export function refuseUnknownOverrides(
  known: ReadonlySet<string>,
  options: QualityOptions,
  unread: readonly string[] = [],
): void {
  for (const key of Object.keys(options.severity ?? {})) {
    if (known.has(key) || unread.some((table) => key.startsWith(`${table}.`))) continue
    const check = key.slice(key.lastIndexOf('.') + 1)
    const near = [...known].filter((name) => name.endsWith(`.${check}`))
    throw new MartletError(
      'QUALITY_OVERRIDE_UNKNOWN',
      `quality.severity names ${key}, but no check has that name. ` +
        (near.length > 0
          ? `There is ${near.slice(0, 5).join(', ')}.`
          : `Checks are called ${[...known].slice(0, 5).join(', ')} …`),
      { data: { key } },
    )
  }
}

function scanOnce(warehouse: Warehouse, scan: TableScan, { memory, signal }: CheckOptions): Promise<ScanResult> {
  return once(memory, 'rows', scan, () => scanTable(warehouse, scan, signal))
}

function once(
  memory: CheckOptions['memory'],
  what: string,
  scan: TableScan,
  make: () => Promise<ScanResult>,
): Promise<ScanResult> {
  const key = JSON.stringify([what, scan], (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
  const known = memory?.get(key)
  if (known !== undefined) return known
  const made = make()
  memory?.set(key, made)
  return made
}

/** A check that sorts the history of a fact. */
interface SeriesCheck extends Pick<Count, 'column' | 'check'> {
  /** What distinguishes its scans from those of others. */
  readonly name: string
  readonly count: (run: Run) => Promise<Count>
}

// Sorting a history costs more than looking at rows, so what is off is not computed.
async function seriesCounts(
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
  const limit = staleAfter * view.grid.every
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

function declaredKey({ source: { table } }: TableScan, check: string): string {
  return checkKey({ table, column: null, check })
}

/** What breaks checks that the source declares and that need statements of their own; those that are off are not made. */
async function declaredCounts(
  warehouse: Warehouse,
  scan: TableScan,
  found: ScanResult,
  { memory, severity, series = true, signal }: CheckOptions,
): Promise<readonly Count[]> {
  const { source } = scan
  const missing = found.counts.filter(({ check }) => check === 'missing').map(({ column }) => column)
  if (!series || missing.includes(null)) return []
  const present = new Set(source.columns.map(({ name }) => name).filter((name) => !missing.includes(name)))
  const counts: Count[] = []
  for (const check of runnableChecks(source, present)) {
    if (checkKind(check).statement === undefined) continue
    if ((severity?.[declaredKey(scan, check.name)] ?? check.severity) === 'off') continue
    const result = await once(memory, `declared ${check.name}`, scan, async () => {
      const count = await countByStatement(warehouse, scan, check, runOptions(signal))
      return { ...found, counts: count === undefined ? [] : [count] }
    })
    counts.push(...result.counts)
  }
  return counts
}

// Age and volume are judged per view: they depend on its grid and delay.
function ageCounts(
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
  if (!expectsRows(view, scan.source.table)) return counts
  const limit = BigInt(view.delay) + BigInt(Math.round(staleAfter * view.grid.every))
  const age = scan.now - found.newest
  counts.push({
    column: scan.time,
    check: 'freshness',
    message: `has nothing newer than ${shortInstant(found.newest)}, and ${view.name} expects rows every ${durationText(view.grid.every)}`,
    count: age > limit ? 1 : 0,
    total: 0,
    example: instantText(found.newest),
    query: '',
  })
  return counts
}

function scannedText(scan: TableScan, found: ScanResult): string {
  const { table } = scan.source
  if (scan.time === null || (scan.from === null && scan.to === null)) return `${table}: all ${found.rows} rows`
  const bounds = [
    ...(scan.from === null ? [] : [`from ${shortInstant(scan.from)} on`]),
    ...(scan.to === null ? [] : [`before ${shortInstant(scan.to)}`]),
  ].join(' and ')
  return `${table}: ${found.rows} rows with ${scan.time} ${bounds}, and ${scan.always.join(', ')} in all rows`
}
