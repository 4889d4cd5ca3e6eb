import { MartletError } from '@martlet/warehouse'
import { clockNow, instantText, shortInstant, toMicros } from '../catalog/instant.ts'
import { newestRowOf } from '../catalog/newest-row.ts'
import { finishRun, startRun } from '../catalog/runs.ts'
import { readViewState } from '../catalog/view-state.ts'
import { createLatestView } from './feature-table-ddl.ts'
import type { CheckResult } from '../quality/finding.ts'
import { storeResults } from '../quality/store-results.ts'
import { checkWritten } from '../quality/written-values.ts'
import { featureTable } from './feature-table.ts'
import { sourcePlans, type CompileRows, type MaterializeOptions } from './options.ts'
import type { PlannedView } from './plan-materialization.ts'
import { goBack } from './go-back.ts'
import { reportStep } from './report-step.ts'
import type { StaleCheck } from './stale-check.ts'
import type { Published } from './writers/publish-rows.ts'
import { writerOf } from './writers/writer-of.ts'
import { beginWriting, checkpoint, dropStaleSide, endWriting, type ViewRun } from './view-run.ts'
import { chunks, writeChunk } from './write-range.ts'

/** The result of one view's run. */
export interface MaterializedView {
  readonly view: string
  /** The id of the run; null when there was nothing to do. */
  readonly run: string | null
  readonly action: PlannedView['work']['action']
  readonly reason: string
  /** Feature times written, `[from, to)`; null when none were. */
  readonly from: bigint | null
  readonly to: bigint | null
  /** Rows written to the warehouse. */
  readonly rows: number
  /** Rows sent to the online store; null when none was given. */
  readonly published: number | null
  /** The newest feature time in the table; null when it is empty, or when the rows are in a precomputed table. */
  readonly newest: bigint | null
  /** Every feature time before this is complete; null when none is. */
  readonly watermark: bigint | null
  /** The findings of the checks of source rows and of the values written, and `changed`: rows from before facts changed. */
  readonly findings: readonly CheckResult[]
  readonly seconds: number
}

export interface PlannedRun {
  readonly planned: PlannedView
  readonly run: ViewRun
}

/** Opens the record of a run that has something to do. */
export async function openRun({ planned, run }: PlannedRun): Promise<void> {
  const { work } = planned
  const range =
    work.action === 'write' || work.action === 'rebuild' ? { from: work.start, to: work.to } : { from: null, to: null }
  await startRun(run.catalog.db, {
    id: run.run,
    view: run.view.name,
    hash: run.hash,
    ...range,
    reason: work.reason,
    actor: run.actor,
  })
}

/** Closes the record of a run that failed; does nothing without an error or an open record. */
export async function closeRun(run: ViewRun, error: unknown): Promise<void> {
  if (error === undefined) return
  // The run may have failed because of the catalog itself; then that first error is the one to report.
  await finishRun(run.catalog.db, run.run, { published: null, bytes: null, seconds: 0 }, error).catch(() => undefined)
}

/** Writes, swaps and publishes, and closes the record of the run whether it succeeds or fails. */
export async function runView(
  options: MaterializeOptions,
  compile: CompileRows,
  one: PlannedRun,
  checked: readonly CheckResult[],
  stale?: StaleCheck,
): Promise<MaterializedView> {
  const { planned, run } = one
  const { work, view } = planned
  const start = performance.now()
  const seconds = (): number => (performance.now() - start) / 1000
  let findings = checked
  if (work.action === 'nothing')
    return result(one, { run: null, findings, rows: 0, published: options.online === undefined ? null : 0, seconds: 0 })
  const signal = options.signal === undefined ? run.lease.lost : AbortSignal.any([options.signal, run.lease.lost])
  let rows = 0
  let published: Published | undefined
  let unfit: readonly CheckResult[] = []
  const end = () => ({ published: published?.rows ?? null, bytes: published?.bytes ?? null, seconds: seconds() })
  try {
    if (planned.back !== undefined) await goBack(run, planned.back)
    if (work.action !== 'publish' && writerOf(view).ownTable) {
      rows = await write(options, compile, one, signal, seconds, stale).catch(async (error: unknown) => {
        await reportStale(options, run, stale).catch(() => undefined)
        throw error
      })
      findings = [...checked, ...(await reportStale(options, run, stale))]
    }
    if (rows > 0) unfit = await checkRows(options, one, signal)
    if (options.online !== undefined)
      published = await reportStep(options.onProgress, { view: view.name, step: 'publish' }, () =>
        publish(options, one, signal),
      )
    if (published !== undefined)
      options.onProgress?.({ type: 'publish', view: view.name, rows: published.rows, seconds: seconds() })
    await finishRun(run.catalog.db, run.run, end())
  } catch (error) {
    const reported = run.lease.lost.aborted ? run.lease.lost.reason : error
    await finishRun(run.catalog.db, run.run, end(), reported).catch(() => undefined)
    throw reported
  }
  return result(one, { run: run.run, findings: [...findings, ...unfit], rows, ...end() })
}

/** Looks at the values that were written, and reports what did not fit. */
async function checkRows(
  options: MaterializeOptions,
  { run }: PlannedRun,
  signal: AbortSignal,
): Promise<readonly CheckResult[]> {
  if (options.quality === false) return []
  const start = performance.now()
  const { warehouse, view } = run
  const rows = { view, table: featureTable(view), run: run.run }
  const results = await checkWritten(warehouse, rows, options.quality ?? {}, { signal })
  const findings = results.filter(({ count }) => count > 0)
  if (findings.length === 0) return findings
  await storeResults(run.catalog.db, warehouse, run.run, results)
  options.onProgress?.({
    type: 'quality',
    view: view.name,
    scanned: [...new Set(findings.map(({ scanned }) => scanned))],
    errors: findings.filter(({ severity }) => severity === 'error').length,
    warnings: findings.filter(({ severity }) => severity === 'warn').length,
    findings,
    seconds: (performance.now() - start) / 1000,
  })
  return findings
}

/** Stores and reports what was found about rows that were written before. */
async function reportStale(
  { onProgress }: MaterializeOptions,
  { catalog, warehouse, view, run }: ViewRun,
  stale: StaleCheck | undefined,
): Promise<readonly CheckResult[]> {
  const finding = stale?.finding(view)
  if (finding === undefined) return []
  await storeResults(catalog.db, warehouse, run, [finding])
  const errors = finding.severity === 'error' ? 1 : 0
  const counts = { errors, warnings: 1 - errors, seconds: 0 }
  onProgress?.({ type: 'quality', view: view.name, scanned: [finding.scanned], findings: [finding], ...counts })
  return [finding]
}

async function write(
  options: MaterializeOptions,
  compile: CompileRows,
  { planned, run }: PlannedRun,
  signal: AbortSignal,
  seconds: () => number,
  stale: StaleCheck | undefined,
): Promise<number> {
  const { work, view } = planned
  if (work.action !== 'write' && work.action !== 'rebuild') return 0
  await dropStaleSide(run, work)
  const table = await beginWriting(run, work)
  const { warehouse } = run
  const prepare: MaterializeOptions['prepare'] = async (unit, of, chunk) => {
    await stale?.prepare(unit, of, chunk)
    await options.prepare?.(unit, of, chunk)
  }
  const writer = { warehouse, view, table, run: run.run, compile, prepare, written: stale?.written, signal }
  let rows = 0
  for (const chunk of chunks(work.start, work.to, planned.chunkSpan)) {
    if (signal.aborted) throw cancelled(planned, chunk.from, signal, options)
    const step = { view: view.name, step: 'compute', range: chunk } as const
    const written = await reportStep(options.onProgress, step, () => writeChunk(writer, chunk)).catch(
      (error: unknown) => {
        throw signal.aborted ? cancelled(planned, chunk.from, signal, options) : error
      },
    )
    await checkpoint(run, chunk, written)
    rows += written
    options.onProgress?.({
      type: 'chunk',
      view: view.name,
      rows,
      estimatedRows: planned.estimatedRows,
      done: instantText(chunk.to),
      from: instantText(work.start),
      to: instantText(work.to),
      seconds: seconds(),
    })
  }
  if (work.action === 'rebuild') options.onProgress?.({ type: 'swap', view: view.name })
  if (work.action === 'rebuild')
    await reportStep(options.onProgress, { view: view.name, step: 'swap' }, () => endWriting(run, work))
  else await endWriting(run, work)
  await createLatestView(run.warehouse, view, writerOf(view).latestRows(run.warehouse.leaves, view))
  return rows
}

async function publish(
  options: MaterializeOptions,
  { planned, run }: PlannedRun,
  signal: AbortSignal,
): Promise<Published | undefined> {
  const { work, view } = planned
  if (options.online === undefined) return undefined
  const now = options.now === undefined ? clockNow() : toMicros(options.now, 'now')
  return writerOf(view).publish(run, {
    online: options.online,
    work,
    now,
    signal,
    sources: sourcePlans(options.sources),
  })
}

async function result(
  { planned, run }: PlannedRun,
  end: Pick<MaterializedView, 'run' | 'findings' | 'rows' | 'published' | 'seconds'>,
): Promise<MaterializedView> {
  const { work, view } = planned
  const watermark = (await readViewState(run.catalog.db, view.name)).covered?.watermark ?? null
  const newest = await newestRowOf(run.catalog.db, view, watermark)
  const range =
    work.action === 'write' || work.action === 'rebuild' ? { from: work.start, to: work.to } : { from: null, to: null }
  return {
    view: view.name,
    action: work.action,
    reason: work.reason,
    ...range,
    run: end.run,
    findings: end.findings,
    rows: end.rows,
    published: end.published,
    newest,
    watermark,
    seconds: end.seconds,
  }
}

function cancelled(
  { view: { name: view }, work, state }: PlannedView,
  at: bigint,
  signal: AbortSignal,
  { from, to }: MaterializeOptions,
): MartletError {
  const anywhere = work.action === 'write' && (state.covered === null || work.to > state.covered.watermark)
  const next =
    (from === undefined && to === undefined) || anywhere
      ? 'The next run continues from there.'
      : 'The same call with the same from and to continues from there; a run without them does not finish this range.'
  return new MartletError(
    'CANCELLED',
    `Materializing ${view} was cancelled. Everything before ${shortInstant(at)} is written. ${next}`,
    { data: { view, done: instantText(at) }, cause: signal.reason },
  )
}
