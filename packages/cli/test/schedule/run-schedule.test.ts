import { describe, expect, it } from 'vitest'
import { acquireLease, type Catalog } from '@martlet/feature-store'
import type { Alert } from '../../src/schedule/alerts.ts'
import { runSchedule, type RunScheduleOptions, type SlotResult } from '../../src/schedule/run-schedule.ts'
import type { ScheduleConfig } from '../../src/config/schedule-config.ts'
import { scheduleOf } from '../../src/schedule/schedule.ts'
import { scheduleStatuses } from '../../src/schedule/schedule-status.ts'
import { listSlots, listSteps } from '../../src/schedule/slot-store.ts'
import type { StepEnd, StepRunner } from '../../src/schedule/step-process.ts'
import { withCatalog } from './with-catalog.ts'

const ok: StepEnd = { exitCode: 0, error: null, tail: '', stopped: false, late: false }
const bad = (error: string, exitCode = 1): StepEnd => ({
  exitCode,
  error,
  tail: `${error}\n`,
  stopped: false,
  late: false,
})

/** Runs schedules whose steps are functions of this process, and remembers what ran. */
class Steps {
  readonly ran: string[] = []
  readonly alerts: Alert[] = []
  answer: (command: string) => StepEnd | Promise<StepEnd> = () => ok
  webhook: (alert: Alert) => string | undefined = () => undefined

  readonly run: StepRunner = async ({ words, onStart }) => {
    await onStart(process.pid)
    this.ran.push(words.join(' '))
    return this.answer(words.join(' '))
  }

  at(
    catalog: Catalog,
    now: string,
    config: Partial<ScheduleConfig> = {},
    more: Partial<RunScheduleOptions> = {},
  ): Promise<readonly SlotResult[]> {
    return runSchedule({
      catalog,
      schedule: scheduleOf({
        name: 'hourly',
        every: '1h',
        run: ['load', 'materialize --to {due}', 'drift'],
        retryAfter: '0s',
        ...config,
      }),
      now: Date.parse(now),
      actor: 'tester',
      config: 'martlet.config.ts',
      folder: '.',
      failed: false,
      runStep: this.run,
      redact: (text) => text,
      alert: async (alert) => {
        this.alerts.push(alert)
        return this.webhook(alert)
      },
      waiting: undefined,
      signal: new AbortController().signal,
      onEvent: () => undefined,
      ...more,
    })
  }
}

const hourly = scheduleOf({ name: 'hourly', every: '1h', run: ['load'] })
const day = (time: string): string => `2026-06-01T${time}:00Z`
const outcomes = async ({ db }: Catalog): Promise<readonly string[]> =>
  (await listSlots(db)).map(({ slot, outcome, passed }) => `${slot.slice(11, 16)} ${outcome} ${passed}`)

describe('a schedule', () => {
  it('runs on after a clock that was years ahead was set right', () =>
    withCatalog(async (catalog) => {
      const steps = new Steps()
      await steps.at(catalog, day('02:10'))
      expect(await steps.at(catalog, '2031-06-01T02:10:00Z')).toHaveLength(1)
      expect(await steps.at(catalog, day('03:10'))).toMatchObject([{ outcome: 'succeeded', passed: 0 }])
      expect(await steps.at(catalog, day('03:20'))).toEqual([])
      const [status] = await scheduleStatuses(catalog.db, [hourly], [], Date.parse(day('09:00')))
      expect(status).toMatchObject({ last: { slot: '2026-06-01T03:00:00.000000Z' }, overdue: true })
      // What has run ahead of its time does not run again when that comes.
      expect(await steps.at(catalog, '2031-06-01T02:20:00Z')).toEqual([])
    }))
  it('runs its steps in order, once for each slot, and passes over what was missed', () =>
    withCatalog(async (catalog) => {
      const steps = new Steps()
      expect(await steps.at(catalog, day('02:10'))).toMatchObject([{ outcome: 'succeeded', passed: 0, resumed: false }])
      expect(steps.ran).toEqual(['load', 'materialize --to 2026-06-01T02:00:00Z', 'drift'])
      expect(await steps.at(catalog, day('02:50'))).toEqual([])
      // An earlier moment finds nothing either.
      expect(await steps.at(catalog, day('01:00'))).toEqual([])
      await steps.at(catalog, day('06:05'))
      expect(await outcomes(catalog)).toEqual(['06:00 succeeded 3', '02:00 succeeded 0'])
      expect(steps.ran).toHaveLength(6)
    }))

  it('runs all that was missed, or none that is late', () =>
    withCatalog(async (catalog) => {
      const steps = new Steps()
      const each = { missed: 'each', since: day('01:00'), run: ['load'] } as const
      expect(await steps.at(catalog, day('03:10'), each)).toMatchObject([
        { slot: expect.stringContaining('T01:00') },
        { slot: expect.stringContaining('T02:00') },
        { slot: expect.stringContaining('T03:00') },
      ])
      const skip = { name: 'skipping', missed: 'skip', run: ['load'] } as const
      expect(await steps.at(catalog, day('04:20'), skip)).toEqual([])
      expect(await steps.at(catalog, day('05:10'), skip)).toMatchObject([{ passed: 0 }])
      expect(await steps.at(catalog, day('07:15'), skip)).toMatchObject([{ passed: 1 }])
      expect(steps.ran).toHaveLength(5)
    }))

  it('stops behind a step that failed, tells once, and goes on there when it is told to', () =>
    withCatalog(async (catalog) => {
      const steps = new Steps()
      steps.answer = (command) => (command.startsWith('materialize') ? bad('SOURCE_MISSING: no mart.usage') : ok)
      const [failed] = await steps.at(catalog, day('02:00'), { retries: 2 })
      expect(failed).toMatchObject({
        outcome: 'failed',
        steps: [
          { command: 'load', attempts: 1 },
          { attempts: 3, exitCode: 1, error: 'SOURCE_MISSING: no mart.usage' },
        ],
      })
      expect(steps.ran.filter((command) => command.startsWith('materialize'))).toHaveLength(3)
      expect(await listSteps(catalog.db, 'hourly', failed?.slot ?? '')).toMatchObject([
        { outcome: 'succeeded' },
        { outcome: 'failed', failures: 3, attempts: 3, exit_code: 1, tail: 'SOURCE_MISSING: no mart.usage\n' },
      ])
      expect(steps.alerts).toEqual([
        {
          event: 'failed',
          schedule: 'hourly',
          slot: '2026-06-01T02:00:00.000000Z',
          step: 'materialize --to 2026-06-01T02:00:00Z',
          exitCode: 1,
          error: 'SOURCE_MISSING: no mart.usage',
          host: expect.any(String),
        },
      ])
      expect(await steps.at(catalog, day('02:30'))).toEqual([])
      steps.answer = () => ok
      steps.ran.length = 0
      await steps.at(catalog, day('02:40'), {}, { failed: true })
      expect(steps.ran).toEqual(['materialize --to 2026-06-01T02:00:00Z', 'drift'])
      expect(steps.alerts.map(({ event }) => event)).toEqual(['failed', 'recovered'])
      await steps.at(catalog, day('03:00'))
      expect(await outcomes(catalog)).toEqual(['03:00 succeeded 0', '02:00 succeeded 0'])
      expect(steps.alerts).toHaveLength(2)
    }))

  it('goes on behind a failed step if it says so, never repeats a wrong command line, and recovers with the next slot', () =>
    withCatalog(async (catalog) => {
      const steps = new Steps()
      steps.answer = (command) => (command === 'load' ? bad('USAGE: no such thing', 64) : ok)
      const config = { onFailure: 'continue', retries: 5 } as const
      expect(await steps.at(catalog, day('02:00'), config)).toMatchObject([
        {
          outcome: 'failed',
          steps: [{ outcome: 'failed', attempts: 1 }, { outcome: 'succeeded' }, { outcome: 'succeeded' }],
        },
      ])
      steps.answer = () => ok
      await steps.at(catalog, day('03:00'), config)
      expect(steps.alerts.map(({ event }) => event)).toEqual(['failed', 'recovered'])
    }))

  it('is continued with the step that was not finished, whatever is due', () =>
    withCatalog(async (catalog) => {
      const steps = new Steps()
      const stop = new AbortController()
      steps.answer = (command) => {
        if (!command.startsWith('materialize')) return ok
        stop.abort()
        return { exitCode: 130, error: 'stopped', tail: '', stopped: true, late: false }
      }
      await expect(steps.at(catalog, day('02:00'), {}, { signal: stop.signal })).rejects.toMatchObject({
        code: 'CANCELLED',
      })
      expect(await outcomes(catalog)).toEqual(['02:00 running 0'])
      steps.answer = () => ok
      steps.ran.length = 0
      expect(await steps.at(catalog, day('04:00'))).toMatchObject([
        { slot: expect.stringContaining('T02:00'), resumed: true },
        { slot: expect.stringContaining('T04:00'), passed: 1, resumed: false },
      ])
      expect(steps.ran.slice(0, 3)).toEqual(['materialize --to 2026-06-01T02:00:00Z', 'drift', 'load'])
    }))

  it('sends an alert that a process died before sending, and keeps why one was not sent', () =>
    withCatalog(async (catalog) => {
      const steps = new Steps()
      steps.answer = () => bad('broken')
      steps.webhook = () => 'the webhook answered 500'
      await steps.at(catalog, day('02:00'))
      const alert = async (): Promise<string | null> => (await listSlots(catalog.db))[0]?.alert ?? null
      expect(await alert()).toBe('failed: the webhook answered 500')
      await catalog.db.updateTable('schedule_slots').set({ alert: 'pending' }).execute()
      steps.webhook = () => undefined
      await steps.at(catalog, day('02:01'))
      expect(await alert()).toBe('sent')
      expect(steps.alerts).toHaveLength(2)
    }))

  it('is run by one of two that come at once; the other is told', () =>
    withCatalog(async (one, other) => {
      const steps = new Steps()
      const inside = Promise.withResolvers<void>()
      const go = Promise.withResolvers<void>()
      steps.answer = async () => {
        inside.resolve()
        await go.promise
        return ok
      }
      const first = steps.at(one, day('02:00'), { run: ['load'] })
      await inside.promise
      await expect(steps.at(other, day('02:00'), { run: ['load'] })).rejects.toMatchObject({
        code: 'LEASE_HELD',
        message: expect.stringContaining('Schedule hourly is being run by tester'),
      })
      go.resolve()
      await first
      expect(await steps.at(other, day('02:00'), { run: ['load'] })).toEqual([])
      expect(steps.ran).toEqual(['load'])
    }))

  it('stops when another process took it over, and writes nothing any more', () =>
    withCatalog(async (catalog) => {
      const steps = new Steps()
      steps.answer = async () => {
        await catalog.db.updateTable('leases').set({ heartbeat_at: '2020-01-01T00:00:00.000000Z' }).execute()
        await (await acquireLease(catalog, '.schedule hourly', 'somebody else')).release()
        return ok
      }
      await expect(steps.at(catalog, day('02:00'))).rejects.toMatchObject({ code: 'LEASE_LOST' })
      expect(steps.ran).toEqual(['load'])
      expect(await outcomes(catalog)).toEqual(['02:00 running 0'])
    }))
})
