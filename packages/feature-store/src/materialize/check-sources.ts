import { clockNow, toMicros } from '../catalog/instant.ts'
import { newestInstantBefore } from '../plan/time/grid.ts'
import { stepsOf, type ViewPlan } from '../plan/view-plan.ts'
import { checkView, refuseErrors, refuseUnknownOverrides } from '../quality/check-view.ts'
import type { CheckResult } from '../quality/finding.ts'
import type { ScanRange } from '../quality/view-scans.ts'
import type { ScanResult } from '../quality/table-scan.ts'
import { writtenKeys } from '../quality/written-values.ts'
import { storeResults } from '../quality/store-results.ts'
import { ownSources, readBy } from '../vocabulary/view-sources.ts'
import { momentTableOf } from '../compile/tiles/view-moments.ts'
import { featureTable } from './feature-table.ts'
import type { FailedViews } from './failed-views.ts'
import type { MaterializeOptions } from './options.ts'
import type { PlannedView } from './plan-materialization.ts'
import { writerOf } from './writers/writer-of.ts'
import { changedKey } from './stale-finding.ts'
import { reportStep } from './report-step.ts'
import { openRun, type PlannedRun } from './run-view.ts'

export interface CheckedRun {
  readonly failures: FailedViews
  /** All views of the run. */
  readonly views: readonly ViewPlan[]
  /** The checks that views have had so far; those of this call are added. */
  readonly known: Set<string>
  /** Views that are checked after these. */
  readonly later: readonly ViewPlan[]
}

/**
 * Checks the source rows of all views and stores the results; the rest of the run skips a view with an error.
 * For a view that is up to date, it checks the rows that the next run would check, and records a run only when that
 * fails.
 * @throws MartletError QUALITY_OVERRIDE_UNKNOWN when `quality.severity` names a check that no view has
 */
export async function checkSources(
  options: MaterializeOptions,
  planned: readonly PlannedRun[],
  { failures, views, known, later }: CheckedRun,
): Promise<ReadonlyMap<string, readonly CheckResult[]>> {
  const findings = new Map<string, readonly CheckResult[]>()
  if (options.quality === false) return findings
  const quality = options.quality ?? {}
  const memory = new Map<string, Promise<ScanResult>>()
  const checked = new Set(views.map(({ name }) => name))
  for (const one of planned) {
    const { run } = one
    await failures.attempt(run.view, async () => {
      const range = scanRange(options, one.planned)
      if (range === null) return
      const idle = one.planned.work.action === 'nothing'
      const report = await reportStep(options.onProgress, { view: run.view.name, step: 'check' }, () =>
        checkView(run.warehouse, run.view, range, {
          ...quality,
          memory,
          checked,
          series: !idle,
          signal: options.signal,
        }),
      )
      const errors = report.findings.filter(({ severity }) => severity === 'error').length
      if (idle && errors > 0) await openRun(one)
      if (!idle || errors > 0) await storeResults(run.catalog.db, run.warehouse, run.run, report.results)
      findings.set(run.view.name, report.findings)
      for (const key of [
        ...report.known,
        ...writtenKeys({ view: run.view, table: featureTable(run.view) }, run.warehouse.leaves),
        ...(hasTiles(run.view) ? [changedKey(run.view)] : []),
      ])
        known.add(key)
      options.onProgress?.({
        type: 'quality',
        view: run.view.name,
        scanned: report.scanned,
        errors,
        warnings: report.findings.length - errors,
        findings: report.findings,
        seconds: report.seconds,
      })
      refuseErrors(report.findings)
    })
  }
  // The checks of a view that failed are unknown, so an override for them cannot be refused.
  const unread = later.flatMap((view) => [featureTable(view), ...ownSources(view).map(({ source }) => source.table)])
  if (known.size > 0 && !failures.some) refuseUnknownOverrides(known, quality, unread)
  return findings
}

/** Whether changes of the facts that rows are made of are noticed. */
function hasTiles(view: ViewPlan): boolean {
  return [view, ...readBy(view)].some((one) => momentTableOf(one) !== undefined)
}

/**
 * The row of T has the facts before T, so the facts that the row before `start` has not read begin at that row's
 * time.
 */
function notYetRead(view: ViewPlan, start: bigint): bigint {
  return newestInstantBefore(stepsOf(view), start)
}

/** The rows to check: those that no earlier run has checked, and those that late facts may have changed. */
function scanRange(options: MaterializeOptions, { view, hash, work, state }: PlannedView): ScanRange | null {
  const now = options.now === undefined ? clockNow() : toMicros(options.now, 'now')
  const { covered } = state
  if (work.action === 'nothing' || work.action === 'publish') {
    if (covered === null || covered.hash !== hash) return null
    const repaired = covered.watermark - BigInt(view.repair)
    return { from: notYetRead(view, repaired > covered.since ? repaired : covered.since), to: null, now }
  }
  const to = options.to === undefined ? null : work.to
  // All rows of a precomputed table are looked at for publication, but only new ones are checked.
  if (!writerOf(view).ownTable && options.from === undefined && covered?.hash === hash)
    return { from: covered.watermark - BigInt(view.repair), to, now }
  const first = work.action === 'rebuild' || covered === null || work.start <= covered.since
  return { from: first ? null : notYetRead(view, work.start), to, now }
}
