import { hostname } from 'node:os'
import process from 'node:process'
import { instantText, type Catalog, type Lease } from '@martlet/feature-store'
import type { ScheduleSlotsTable, ScheduleStepsTable } from '@martlet/feature-store'

type Db = Catalog['db']
export type SlotRow = ScheduleSlotsTable
export type StepRow = ScheduleStepsTable

/** A slot as the catalog writes it. */
export function slotText(slot: number): string {
  return instantText(BigInt(slot) * 1000n)
}

interface ListedSlots {
  readonly schedule?: string
  readonly limit?: number
  /** Milliseconds since the epoch; slots more than a day after it were begun by a clock that was ahead. @default no limit */
  readonly now?: number
}

const WRONG_CLOCK_MS = 86_400_000

/** The slots of one schedule, or of all, newest first. */
export async function listSlots(
  db: Db,
  { schedule, limit = 100, now: at }: ListedSlots = {},
): Promise<readonly SlotRow[]> {
  const query = db
    .selectFrom('schedule_slots')
    .selectAll()
    .orderBy('slot', (order) => order.desc().nullsLast())
    .orderBy('schedule')
    .limit(limit)
  const past = at === undefined ? query : query.where('slot', '<=', slotText(at + WRONG_CLOCK_MS))
  return (schedule === undefined ? past : past.where('schedule', '=', schedule)).execute()
}

/** The steps of one slot, in order. */
export async function listSteps(db: Db, schedule: string, slot: string): Promise<readonly StepRow[]> {
  return db
    .selectFrom('schedule_steps')
    .selectAll()
    .where('schedule', '=', schedule)
    .where('slot', '=', slot)
    .orderBy('step')
    .execute()
}

/** What one process writes about a schedule while it holds its lease; every write fails once the lease is lost. */
export class SlotStore {
  readonly #catalog: Catalog
  readonly #lease: Lease
  readonly #schedule: string
  readonly #actor: string

  constructor(catalog: Catalog, lease: Lease, schedule: string, actor: string) {
    this.#catalog = catalog
    this.#lease = lease
    this.#schedule = schedule
    this.#actor = actor
  }

  /** Those in which a row stands out: begun and not ended, failed, or with an alert that was not sent. */
  where(column: 'outcome' | 'alert', value: string): Promise<readonly SlotRow[]> {
    return this.#catalog.db
      .selectFrom('schedule_slots')
      .selectAll()
      .where('schedule', '=', this.#schedule)
      .where(column, '=', value)
      .orderBy('slot')
      .execute()
  }

  /** The newest; what a clock that was ahead has begun does not count before its time. */
  async newest(at: number): Promise<SlotRow | undefined> {
    return (await listSlots(this.#catalog.db, { schedule: this.#schedule, limit: 1, now: at }))[0]
  }

  /** The newest slot before one that has ended. */
  async endedBefore(slot: string): Promise<SlotRow | undefined> {
    return this.#catalog.db
      .selectFrom('schedule_slots')
      .selectAll()
      .where('schedule', '=', this.#schedule)
      .where('slot', '<', slot)
      .where('outcome', '<>', 'running')
      .orderBy('slot', (order) => order.desc().nullsLast())
      .limit(1)
      .executeTakeFirst()
  }

  steps(slot: string): Promise<readonly StepRow[]> {
    return listSteps(this.#catalog.db, this.#schedule, slot)
  }

  /** Begins a slot; one that has ended or was left behind is begun anew, without the steps that had not succeeded. */
  begin(slot: string, passed: number | undefined): Promise<void> {
    return this.#write(async (db) => {
      const ours = { host: hostname(), pid: process.pid, actor: this.#actor }
      if (passed === undefined) {
        await db
          .updateTable('schedule_slots')
          .set({ ...ours, outcome: 'running', error: null, alert: null, finished_at: null })
          .where('schedule', '=', this.#schedule)
          .where('slot', '=', slot)
          .execute()
        await db
          .deleteFrom('schedule_steps')
          .where('schedule', '=', this.#schedule)
          .where('slot', '=', slot)
          .where('outcome', '=', 'failed')
          .execute()
        return
      }
      const open = { outcome: 'running' as const, error: null, alert: null, finished_at: null, started_at: now() }
      await db
        .insertInto('schedule_slots')
        .values({ schedule: this.#schedule, slot, passed, ...open, ...ours })
        .execute()
    })
  }

  end(
    slot: string,
    result: Pick<SlotRow, 'error' | 'alert'> & { readonly outcome: 'succeeded' | 'failed' },
  ): Promise<void> {
    return this.#write(async (db) => {
      await db
        .updateTable('schedule_slots')
        .set({ ...result, finished_at: now() })
        .where('schedule', '=', this.#schedule)
        .where('slot', '=', slot)
        .execute()
    })
  }

  alerted(slot: string, alert: string): Promise<void> {
    return this.#write(async (db) => {
      await db
        .updateTable('schedule_slots')
        .set({ alert })
        .where('schedule', '=', this.#schedule)
        .where('slot', '=', slot)
        .execute()
    })
  }

  /** Begins an attempt at a step. */
  beginStep(slot: string, step: number, command: string, before: StepRow | undefined): Promise<void> {
    return this.#write(async (db) => {
      const base = db.deleteFrom('schedule_steps').where('schedule', '=', this.#schedule)
      await base.where('slot', '=', slot).where('step', '=', step).execute()
      await db
        .insertInto('schedule_steps')
        .values({
          schedule: this.#schedule,
          slot,
          step,
          command,
          outcome: 'running',
          attempts: (before?.attempts ?? 0) + 1,
          failures: before?.failures ?? 0,
          exit_code: before?.exit_code ?? null,
          error: before?.error ?? null,
          tail: before?.tail ?? null,
          host: hostname(),
          pid: null,
          started_at: now(),
          finished_at: null,
        })
        .execute()
    })
  }

  changeStep(slot: string, step: number, change: Partial<StepRow>): Promise<void> {
    return this.#write(async (db) => {
      await db
        .updateTable('schedule_steps')
        .set(change.outcome === undefined ? change : { ...change, finished_at: now() })
        .where('schedule', '=', this.#schedule)
        .where('slot', '=', slot)
        .where('step', '=', step)
        .execute()
    })
  }

  async #write(work: (db: Db) => Promise<void>): Promise<void> {
    await this.#catalog.db.transaction().execute(async (db) => {
      await this.#lease.check(db)
      await work(db)
    })
  }
}

function now(): string {
  return slotText(Date.now())
}
