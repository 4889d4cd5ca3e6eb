import type { Catalog, LeaseHolder } from '@martlet/feature-store'
import { table } from '../terminal/table.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { ageWords, instantWords } from '../terminal/words.ts'
import { leaseOf } from './run-schedule.ts'
import type { Schedule } from './schedule.ts'
import { listSlots, listSteps, slotText, type SlotRow } from './slot-store.ts'
import { nextSlot } from './slots.ts'

/** How far one schedule is. */
export interface ScheduleStatus {
  readonly schedule: string
  /** The newest slot that was begun; null when none ever was. */
  readonly last: LastSlot | null
  /** ISO 8601, UTC. */
  readonly next: string
  /** The newest slot that was begun is longer ago than twice the usual length between two. */
  readonly overdue: boolean
}

export interface LastSlot {
  readonly slot: string
  /** `stopped`: its process is gone; the next run goes on. */
  readonly outcome: 'running' | 'stopped' | 'succeeded' | 'failed'
  readonly passed: number
  readonly startedAt: string
  readonly finishedAt: string | null
  readonly error: string | null
  readonly alert: string | null
  readonly steps: readonly {
    readonly command: string
    readonly outcome: string
    readonly attempts: number
    readonly exitCode: number | null
    readonly error: string | null
    readonly tail: string | null
  }[]
}

export async function scheduleStatuses(
  db: Catalog['db'],
  schedules: readonly Schedule[],
  holders: readonly LeaseHolder[],
  now: number,
): Promise<readonly ScheduleStatus[]> {
  return Promise.all(
    schedules.map(async ({ name, clock }) => {
      const [row] = await listSlots(db, { schedule: name, limit: 1, now })
      const last = row === undefined ? null : await lastSlot(db, row, holders)
      const overdue = row !== undefined && now - Date.parse(row.slot) > 2 * clock.every
      return { schedule: name, last, next: slotText(nextSlot(clock, now)), overdue }
    }),
  )
}

/** What became of a slot, as far as can be seen from outside. */
export function outcomeOf(row: SlotRow, holders: readonly LeaseHolder[]): LastSlot['outcome'] {
  const held = holders.some(({ view, gone }) => view === leaseOf(row.schedule) && !gone)
  return row.outcome === 'running' && !held ? 'stopped' : row.outcome
}

export function statusTable(statuses: readonly ScheduleStatus[], { paint, width }: Terminal): string {
  const columns = [{ title: 'schedule' }, { title: 'last slot' }, { title: 'next slot' }, { title: 'outcome' }]
  const rows = statuses.map(({ schedule, last, next, overdue }) => {
    if (last === null) return [schedule, '–', instantWords(next), 'never ran']
    const ended = last.finishedAt === null ? '' : ` ${ageWords(Date.now() - Date.parse(last.finishedAt))} ago`
    const why = last.error === null ? '' : `: ${last.error}`
    const text = `${last.outcome}${ended}${why}`
    const bad = last.outcome === 'failed' || last.outcome === 'stopped'
    const late = overdue ? paint('yellow', ' overdue') : ''
    return [schedule, instantWords(last.slot), instantWords(next), `${bad ? paint('red', text) : text}${late}`]
  })
  return table(columns, rows, paint, width)
}

async function lastSlot(db: Catalog['db'], row: SlotRow, holders: readonly LeaseHolder[]): Promise<LastSlot> {
  const steps = await listSteps(db, row.schedule, row.slot)
  return {
    slot: row.slot,
    outcome: outcomeOf(row, holders),
    passed: row.passed,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    error: row.error,
    alert: row.alert,
    steps: steps.map(({ command, outcome, attempts, exit_code: exitCode, error, tail }) => ({
      command,
      outcome,
      attempts,
      exitCode,
      error,
      tail,
    })),
  }
}
