import { setTimeout as sleep } from 'node:timers/promises'
import { defaultActor } from '@martlet/feature-store'
import { MartletError, type Waiting } from '@martlet/warehouse'
import type { Project } from '../project/project.ts'
import { alertSender } from './alerts.ts'
import { dueSlots } from './due-slots.ts'
import { redactor } from './redact.ts'
import { runSchedule, type ScheduleEvent, type SlotResult } from './run-schedule.ts'
import type { Schedule } from './schedule.ts'
import { listSlots, slotText } from './slot-store.ts'
import { nextSlot } from './slots.ts'
import { runStepProcess } from './step-process.ts'

/** What became of one schedule. */
export interface ScheduleResult {
  readonly schedule: string
  /** Who else is running it; null when this process did. */
  readonly heldBy: string | null
  readonly slots: readonly SlotResult[]
  /** Its next slot, ISO 8601. */
  readonly next: string
}

export interface DueOptions {
  readonly project: Project
  readonly configFile: string
  readonly schedules: readonly Schedule[]
  /** How long to wait for a schedule that another process runs; undefined: it is left to that. */
  readonly waiting: Waiting | undefined
  readonly failed: boolean
  readonly signal: AbortSignal
  readonly onEvent: (event: ScheduleEvent) => void
}

/** Runs what is due at `now`, one schedule after the other, the one whose slot has waited longest first. */
export async function runDue(options: DueOptions, now: number): Promise<readonly ScheduleResult[]> {
  const { project, schedules, waiting } = options
  const catalog = await project.catalog()
  const redact = redactor(
    project.config,
    schedules.flatMap(({ steps }) => steps),
  )
  const results: ScheduleResult[] = []
  for (const schedule of await longestWaiting(options, now)) {
    const next = slotText(nextSlot(schedule.clock, now))
    try {
      const slots = await runSchedule({
        catalog,
        schedule,
        now,
        actor: defaultActor(),
        config: options.configFile,
        folder: project.folder,
        failed: options.failed,
        runStep: runStepProcess,
        redact,
        alert: alertSender(project.config.alerts, redact),
        waiting,
        signal: options.signal,
        onEvent: options.onEvent,
      })
      results.push({ schedule: schedule.name, heldBy: null, slots, next })
    } catch (error) {
      if (!(error instanceof MartletError && error.code === 'LEASE_HELD')) throw error
      const { actor, pid, host } = error.data
      results.push({
        schedule: schedule.name,
        heldBy: `${String(actor)} (process ${String(pid)} on ${String(host)})`,
        slots: [],
        next,
      })
    }
  }
  return results
}

/** What would run at `now`: slots that a process left unfinished, then slots that are due. */
export async function plannedSlots(
  project: Project,
  schedule: Schedule,
  now: number,
): Promise<readonly { readonly slot: string; readonly passed: number; readonly unfinished: boolean }[]> {
  const { db } = await project.catalog()
  const [newest] = await listSlots(db, { schedule: schedule.name, limit: 1, now })
  const left = await db
    .selectFrom('schedule_slots')
    .select(['slot', 'passed'])
    .where('schedule', '=', schedule.name)
    .where('outcome', '=', 'running')
    .orderBy('slot')
    .execute()
  const due = dueSlots(schedule, newest === undefined ? undefined : Date.parse(newest.slot), now)
  return [
    ...left.map(({ slot, passed }) => ({ slot, passed, unfinished: true })),
    ...due.map(({ slot, passed }) => ({ slot: slotText(slot), passed, unfinished: false })),
  ]
}

/** Sleeps until the next slot of any schedule; answers false when the signal ended that. */
export async function nextSlotCame(schedules: readonly Schedule[], signal: AbortSignal): Promise<boolean> {
  const next = Math.min(...schedules.map(({ clock }) => nextSlot(clock, Date.now())))
  try {
    // In pieces: a machine that slept, or whose clock was set, is not waited for.
    for (let left = next - Date.now(); left > 0; left = next - Date.now())
      await sleep(Math.min(left, 30_000), undefined, { signal })
    return !signal.aborted
  } catch {
    return false
  }
}

async function longestWaiting({ project, schedules }: DueOptions, now: number): Promise<readonly Schedule[]> {
  const waiting = await Promise.all(
    schedules.map(async (schedule) => {
      const [first] = await plannedSlots(project, schedule, now)
      return { schedule, since: first?.slot ?? '~' }
    }),
  )
  return waiting
    .toSorted((a, b) => (a.since < b.since ? -1 : a.since > b.since ? 1 : 0))
    .map(({ schedule }) => schedule)
}
