import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { acquireLease, isProcessAlive, type Catalog } from '@martlet/feature-store'
import { MartletError, waitWhile, type Waiting } from '@martlet/warehouse'
import type { AlertSender } from './alerts.ts'
import { dueSlots } from './due-slots.ts'
import { filled } from './placeholders.ts'
import type { Schedule } from './schedule.ts'
import { SlotStore, slotText, type SlotRow, type StepRow } from './slot-store.ts'
import type { StepEnd, StepRunner } from './step-process.ts'

/** How long a step whose process outlived the one that ran the schedule may take to notice that. */
const ORPHAN_MS = 15_000

export type ScheduleEvent =
  | { readonly type: 'slot'; readonly schedule: string; readonly slot: string; readonly resumed: boolean }
  | {
      readonly type: 'step'
      readonly schedule: string
      readonly slot: string
      readonly step: number
      readonly command: string
      readonly attempt: number
    }
  | { readonly type: 'step-end'; readonly schedule: string; readonly slot: string; readonly step: StepResult }
  | { readonly type: 'output'; readonly line: string }
  | { readonly type: 'alert'; readonly schedule: string; readonly slot: string; readonly failure: string | null }

export interface StepResult {
  /** The command as it ran. */
  readonly command: string
  readonly outcome: 'succeeded' | 'failed'
  readonly attempts: number
  readonly exitCode: number | null
  readonly error: string | null
}

export interface SlotResult {
  readonly slot: string
  readonly outcome: 'succeeded' | 'failed'
  readonly passed: number
  /** An earlier process had begun it. */
  readonly resumed: boolean
  /** Those that this process ran. */
  readonly steps: readonly StepResult[]
}

export interface RunScheduleOptions {
  readonly catalog: Catalog
  readonly schedule: Schedule
  /** Milliseconds since the epoch: slots up to then are due. */
  readonly now: number
  readonly actor: string
  readonly config: string
  readonly folder: string
  /** Also run slots again that failed, from the step that failed. */
  readonly failed: boolean
  readonly runStep: StepRunner
  readonly redact: (text: string) => string
  readonly alert: AlertSender | undefined
  readonly waiting: Waiting | undefined
  readonly signal: AbortSignal
  readonly onEvent: (event: ScheduleEvent) => void
}

export const leaseOf = (schedule: string): string => `.schedule ${schedule}`

/**
 * Runs what is due of one schedule; at most one process does so at a time. It first completes a slot that a process had
 * begun and not ended, and stops after a slot that failed.
 * @throws MartletError LEASE_HELD when another process runs the schedule
 * @throws MartletError LEASE_LOST when another process took it over while this one was silent
 * @throws MartletError CANCELLED when `signal` ended it; the next run continues with the step that was not finished
 */
export async function runSchedule(options: RunScheduleOptions): Promise<readonly SlotResult[]> {
  const { catalog, schedule, now, actor, waiting } = options
  const { name } = schedule
  await using lease = await waitWhile('LEASE_HELD', waiting, () =>
    acquireLease(catalog, leaseOf(name), actor, `Schedule ${name} is being run`),
  )
  const store = new SlotStore(catalog, lease, name, actor)
  const run: Run = { ...options, store, signal: AbortSignal.any([options.signal, lease.lost]) }
  for (const row of await store.where('alert', 'pending')) await sendAlert(run, row)
  const results: SlotResult[] = []
  const goesOn = async (slot: string, passed: number | undefined, before?: SlotRow): Promise<boolean> => {
    const result = await runSlot(run, slot, passed, before)
    results.push(result)
    return result.outcome === 'succeeded'
  }
  for (const row of await store.where('outcome', 'running'))
    if (!(await goesOn(row.slot, undefined, row))) return results
  if (options.failed) {
    for (const row of await failedSlots(run)) {
      await store.begin(row.slot, undefined)
      if (!(await goesOn(row.slot, undefined, row))) return results
    }
  }
  const newest = (await store.newest(now))?.slot
  for (const { slot, passed } of dueSlots(schedule, newest === undefined ? undefined : Date.parse(newest), now))
    if (!(await goesOn(slotText(slot), passed))) return results
  return results
}

interface Run extends RunScheduleOptions {
  readonly store: SlotStore
}

/** Of schedules that run all slots, all that failed; of others the newest slot, if that failed. */
async function failedSlots({ store, schedule, now }: Run): Promise<readonly SlotRow[]> {
  const failed = await store.where('outcome', 'failed')
  if (schedule.missed === 'each') return failed
  const newest = await store.newest(now)
  return failed.filter(({ slot }) => slot === newest?.slot)
}

async function runSlot(
  run: Run,
  slot: string,
  passed: number | undefined,
  before: SlotRow | undefined,
): Promise<SlotResult> {
  const { store, schedule, onEvent } = run
  if (passed !== undefined) await store.begin(slot, passed)
  onEvent({ type: 'slot', schedule: schedule.name, slot, resumed: before !== undefined })
  const earlier = await store.steps(slot)
  const steps: StepResult[] = []
  let failure: string | null = null
  for (const [index, words] of schedule.steps.entries()) {
    const command = JSON.stringify(words)
    const known = earlier.find((row) => row.step === index && row.command === command)
    if (known?.outcome === 'succeeded') continue
    const ended =
      known?.outcome === 'failed' ? resultOf(words, known) : await runWithRetries(run, slot, index, words, known)
    if (known?.outcome !== 'failed') steps.push(ended)
    if (ended.outcome === 'succeeded') continue
    failure ??= `${ended.command}: ${ended.error}`
    if (schedule.onFailure === 'stop') break
  }
  const outcome = failure === null ? 'succeeded' : 'failed'
  const recovered = outcome === 'succeeded' && (await store.endedBefore(slot))?.outcome === 'failed'
  const again = outcome === 'succeeded' && before?.outcome === 'failed'
  const alert = run.alert !== undefined && (outcome === 'failed' || recovered || again) ? 'pending' : null
  await store.end(slot, { outcome, error: failure, alert })
  if (alert !== null) {
    const [row] = (await store.where('alert', 'pending')).filter((one) => one.slot === slot)
    if (row !== undefined) await sendAlert(run, row)
  }
  return { slot, outcome, passed: passed ?? before?.passed ?? 0, resumed: before !== undefined, steps }
}

async function runWithRetries(
  run: Run,
  slot: string,
  index: number,
  words: readonly string[],
  known: StepRow | undefined,
): Promise<StepResult> {
  const { store, schedule, signal, onEvent } = run
  const command = JSON.stringify(words)
  const real = filled(words, Date.parse(slot), schedule.clock.zone)
  if (known !== undefined) await orphanEnded(known)
  let { failures, attempts } = known ?? { failures: 0, attempts: 0 }
  for (let row = known; ;) {
    await store.beginStep(slot, index, command, row)
    attempts++
    onEvent({ type: 'step', schedule: schedule.name, slot, step: index, command: real.join(' '), attempt: attempts })
    const end = await runOnce(run, slot, index, real)
    if (end.stopped || signal.aborted) throw stopped(run)
    if (end.error !== null) failures++
    // A command line that is wrong stays wrong.
    const last = end.error === null || failures > schedule.retries || end.exitCode === 64
    const outcome = end.error === null ? 'succeeded' : 'failed'
    const change = { exit_code: end.exitCode, error: end.error, tail: end.tail, failures, pid: null }
    await store.changeStep(slot, index, last ? { ...change, outcome } : change)
    const step: StepResult = {
      command: real.join(' '),
      outcome,
      attempts,
      exitCode: end.exitCode,
      error: end.error,
    }
    onEvent({ type: 'step-end', schedule: schedule.name, slot, step })
    if (last) return step
    await sleep(schedule.retryAfter, undefined, { signal }).catch(() => {
      throw stopped(run)
    })
    row = (await store.steps(slot)).find((one) => one.step === index)
  }
}

async function runOnce(run: Run, slot: string, index: number, words: readonly string[]): Promise<StepEnd> {
  const { store, runStep, config, folder, schedule, signal, redact, onEvent } = run
  let noted: Promise<unknown> = Promise.resolve()
  const end = await runStep({
    words,
    config,
    folder,
    timeout: schedule.timeout,
    signal,
    redact,
    // A lease that was lost ends the step through the signal.
    onStart: (pid) => (noted = store.changeStep(slot, index, { pid }).catch(() => undefined)),
    onLine: (line) => onEvent({ type: 'output', line }),
  })
  await noted
  // Whoever goes on need not wait for it.
  if (end.stopped) await store.changeStep(slot, index, { pid: null }).catch(() => undefined)
  return end
}

function stopped({ schedule, signal }: Run): unknown {
  const why: unknown = signal.reason
  if (why instanceof MartletError) return why
  return new MartletError(
    'CANCELLED',
    `Schedule ${schedule.name} was stopped. The next \`martlet run-due\` continues with the step that was not finished.`,
    { data: { schedule: schedule.name } },
  )
}

/** Waits for the process of a step whose schedule was taken over from a process that died. */
async function orphanEnded({ host, pid }: StepRow): Promise<void> {
  const end = performance.now() + ORPHAN_MS
  while (pid !== null && host === hostname() && isProcessAlive(pid) && performance.now() < end) await sleep(20)
}

async function sendAlert({ store, schedule, alert, onEvent }: Run, row: SlotRow): Promise<void> {
  if (alert === undefined) return store.alerted(row.slot, 'failed: no webhook is configured any more')
  const failed = row.outcome === 'failed'
  const step = failed ? (await store.steps(row.slot)).find(({ outcome }) => outcome === 'failed') : undefined
  const failure = await alert({
    event: failed ? 'failed' : 'recovered',
    schedule: schedule.name,
    slot: row.slot,
    step: step === undefined ? null : filled(wordsIn(step), Date.parse(row.slot), schedule.clock.zone).join(' '),
    exitCode: step?.exit_code ?? null,
    error: step?.error ?? null,
    host: hostname(),
  })
  await store.alerted(row.slot, failure === undefined ? 'sent' : `failed: ${failure}`)
  onEvent({ type: 'alert', schedule: schedule.name, slot: row.slot, failure: failure ?? null })
}

function wordsIn({ command }: StepRow): readonly string[] {
  const words: unknown = JSON.parse(command)
  return Array.isArray(words) ? words.map(String) : []
}

function resultOf(words: readonly string[], row: StepRow): StepResult {
  return {
    command: words.join(' '),
    outcome: 'failed',
    attempts: row.attempts,
    exitCode: row.exit_code,
    error: row.error,
  }
}
