import { MartletError, type Warehouse } from '@martlet/warehouse'
import { shortInstant } from '../catalog/instant.ts'
import type { LabelPlan } from '../plan/label-plan.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import { checkKind } from '../vocabulary/checks/list.ts'
import { sourceKind } from '../vocabulary/sources/list.ts'
import { labelSources, viewSources } from '../vocabulary/view-sources.ts'
import { countByStatement } from './declared-checks.ts'
import { runnableChecks } from './declared-rows.ts'
import { checkKey, findingText, ownSeverity, type CheckResult, type QualityReport } from './finding.ts'
import type { QualityOptions } from './options.ts'
import { once, scanOnce } from './scan-once.ts'
import { options as runOptions, type Count, type ScanResult, type TableScan } from './table-scan.ts'
import { ageCounts, seriesCounts } from './view-counts.ts'
import { viewScans, type ScanRange } from './view-scans.ts'

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
  /** Only these tables. */
  readonly tables?: ReadonlySet<string> | undefined
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
  const view = 'plan' in of ? of.plan : of
  return checkScans(warehouse, view.name, viewScans(view, range, options.checked), options, view)
}

/**
 * Looks at the rows that a label would be computed from, as {@link checkView} does; how old they are, and whether steps are
 * missing, only a view says. Errors: QUALITY_SCAN_FAILED.
 */
export async function checkLabel(
  warehouse: Warehouse,
  of: LabelPlan | { readonly plan: LabelPlan },
  range: ScanRange,
  options: CheckOptions = {},
): Promise<QualityReport> {
  const label = 'plan' in of ? of.plan : of
  const scans = labelSources(label).map(({ source }): TableScan => {
    const roles = sourceKind(source).roles(source, label.entity)
    return { source, ...roles, ...(roles.time === null ? { from: null, to: null, now: range.now } : range) }
  })
  return checkScans(warehouse, `label ${label.name}`, scans, options)
}

/** The tables that {@link checkView} or {@link checkLabel} looks at. */
export function checkedTables({ plan }: { readonly plan: ViewPlan | LabelPlan }): readonly string[] {
  const uses = 'grid' in plan ? viewSources(plan) : labelSources(plan)
  return [...new Set(uses.map(({ source }) => source.table))]
}

async function checkScans(
  warehouse: Warehouse,
  name: string,
  scans: readonly TableScan[],
  options: CheckOptions,
  view?: ViewPlan,
): Promise<QualityReport> {
  const start = performance.now()
  const known: string[] = []
  const results: CheckResult[] = []
  const scanned: string[] = []
  for (const scan of scans) {
    if (options.tables?.has(scan.source.table) === false) continue
    const found = await scanOnce(warehouse, scan, options)
    const text = scannedText(scan, found)
    const series = view === undefined ? [] : await seriesCounts(warehouse, view, scan, found, options)
    const age = view === undefined ? [] : ageCounts(view, scan, found, options)
    const declared = await declaredCounts(warehouse, scan, found, options)
    known.push(...(scan.source.checks ?? []).map((check) => declaredKey(scan, check.name)))
    // A run of older rows does not ask how old they are, and its settings still may.
    if (view !== undefined && scan.time !== null)
      known.push(checkKey({ table: scan.source.table, column: scan.time, check: 'freshness' }))
    scanned.push([text, ...series.flatMap(({ note }) => note ?? [])].join('; '))
    for (const { note, ...count } of [...found.counts, ...declared, ...age, ...series]) {
      const key = checkKey({ ...count, table: scan.source.table })
      known.push(key)
      const severity = options.severity?.[key] ?? count.severity ?? ownSeverity(count.check)
      if (severity === 'off') continue
      results.push({
        ...count,
        example: options.redact === true && count.check !== 'freshness' ? null : count.example,
        view: name,
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

function scannedText(scan: TableScan, found: ScanResult): string {
  const { table } = scan.source
  if (scan.time === null || (scan.from === null && scan.to === null)) return `${table}: all ${found.rows} rows`
  const bounds = [
    ...(scan.from === null ? [] : [`from ${shortInstant(scan.from)} on`]),
    ...(scan.to === null ? [] : [`before ${shortInstant(scan.to)}`]),
  ].join(' and ')
  return `${table}: ${found.rows} rows with ${scan.time} ${bounds}, and ${scan.always.join(', ')} in all rows`
}
