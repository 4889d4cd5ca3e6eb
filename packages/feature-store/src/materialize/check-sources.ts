import { clockNow, toMicros } from '../catalog/instant.ts'
import { finishRun } from '../catalog/runs.ts'
import { checkView, refuseErrors, refuseUnknownOverrides } from '../quality/check-view.ts'
import type { CheckResult } from '../quality/finding.ts'
import type { ScanRange } from '../quality/view-scans.ts'
import type { ScanResult } from '../quality/table-scan.ts'
import { storeResults } from '../quality/store-results.ts'
import type { MaterializeOptions } from './options.ts'
import type { PlannedView } from './plan-materialization.ts'
import type { PlannedRun } from './run-view.ts'

/** Checks the source rows of all runs, keeps the results, and ends every run when one of them has an error. */
export async function checkSources(options: MaterializeOptions, runs: readonly PlannedRun[]): Promise<ReadonlyMap<string, readonly CheckResult[]>> {
  const findings = new Map<string, readonly CheckResult[]>()
  if (options.quality === false) return findings
  const quality = options.quality ?? {}
  const memory = new Map<string, Promise<ScanResult>>()
  const known = new Set<string>()
  try {
    for (const { planned, run } of runs) {
      const range = scanRange(options, planned)
      if (range === null) continue
      const report = await checkView(run.warehouse, run.view, range, { ...quality, memory, signal: options.signal })
      await storeResults(run.catalog.db, run.warehouse, run.run, report.results)
      findings.set(run.view.name, report.findings)
      for (const key of report.known) known.add(key)
      const errors = report.findings.filter(({ severity }) => severity === 'error').length
      options.onProgress?.({ type: 'quality', view: run.view.name, scanned: report.scanned, errors, warnings: report.findings.length - errors, findings: report.findings, seconds: report.seconds })
    }
    if (known.size > 0) refuseUnknownOverrides(known, quality)
    refuseErrors([...findings.values()].flat())
  } catch (error) {
    for (const { run } of runs) await finishRun(run.catalog.db, run.run, { published: null, bytes: null, seconds: 0 }, error)
    throw error
  }
  return findings
}

/** The rows that have not been looked at before; those that an earlier run has seen are not read again. */
function scanRange(options: MaterializeOptions, { view, hash, work, state }: PlannedView): ScanRange | null {
  if (work.action !== 'write' && work.action !== 'rebuild') return null
  const now = options.now === undefined ? clockNow() : toMicros(options.now, 'now')
  const to = options.to === undefined ? null : work.to
  // All precomputed rows are looked at for publication, but only new ones are checked.
  if (view.source?.kind === 'precomputed' && options.from === undefined && state.covered?.hash === hash) return { from: state.covered.watermark - BigInt(view.repair), to, now }
  const first = work.action === 'rebuild' || state.covered === null || work.start <= state.covered.since
  return { from: first ? null : work.start, to, now }
}
