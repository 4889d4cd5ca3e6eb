import { expect, it } from 'vitest'
import { readStates } from '../../src/alert/alert-rows.ts'
import { ChannelFailure } from '../../src/channel/channel.ts'
import { withCatalog } from '../schedule/with-catalog.ts'
import { seen } from './messages.ts'
import { deliver, Kept, pass, record } from './outbox-parts.ts'

it('a change is told once to each channel, however often it is seen; and so is the end of it', () =>
  withCatalog(async (catalog) => {
    const [ops, desk] = [new Kept('ops'), new Kept('desk')]
    for (let n = 1; n <= 2; n++) {
      await record(catalog, [seen('drift:usage', n, true)], ['ops', 'desk'])
      await deliver(catalog, [ops, desk])
    }
    await record(catalog, [seen('drift:usage', 4, false)], ['ops', 'desk'])
    await record(catalog, [seen('drift:usage', 5, false)], ['ops', 'desk'])
    expect(await deliver(catalog, [ops, desk])).toEqual({ sent: 2, failed: 0, waiting: 0 })
    expect(await deliver(catalog, [ops, desk])).toEqual({ sent: 0, failed: 0, waiting: 0 })
    for (const { events } of [ops, desk]) expect(events).toEqual(['alert drift:usage', 'recovered drift:usage'])
    expect(ops.deliveries.map(({ key, resolved }) => [key, resolved])).toEqual([
      ['martlet:drift:usage#1', []],
      ['martlet:drift:usage#1', ['martlet:drift:usage#1']],
    ])
    expect((await readStates(catalog.db)).get('drift:usage')).toMatchObject({ alertingSince: null, incident: 1 })
  }))

it('what could not be delivered waits longer each time, under the same id and in order, and does not keep other channels', () =>
  withCatalog(async (catalog) => {
    const [ops, desk] = [new Kept('ops'), new Kept('desk')]
    ops.failing = new ChannelFailure('it answered 503 at hunter2', { soon: true })
    await record(catalog, [seen('drift:usage', 1, true)], ['ops', 'desk'])
    expect(await deliver(catalog, [ops, desk])).toEqual({ sent: 1, failed: 1, waiting: 1 })
    expect(ops.calls).toBe(3)
    const row = async (): Promise<object | undefined> =>
      catalog.db
        .selectFrom('alert_outbox')
        .select(['state', 'attempts', 'error', 'batch'])
        .where('channel', '=', 'ops')
        .executeTakeFirst()
    const first = await row()
    expect(first).toMatchObject({ state: 'waiting', attempts: 1, error: 'it answered 503 at [redacted]' })
    // It is not due, and what is said of the subject afterwards does not overtake it.
    await record(catalog, [seen('drift:usage', 2, false), seen('drift:other', 2, true)], ['ops', 'desk'])
    ops.failing = undefined
    await deliver(catalog, [ops, desk])
    expect(ops.events).toEqual(['alert drift:other'])
    await pass(catalog, 61_000)
    await deliver(catalog, [ops, desk])
    expect(ops.events).toEqual(['alert drift:other', 'alert drift:usage', 'recovered drift:usage'])
    expect(await row()).toMatchObject({ state: 'sent', error: null, batch: (first as { batch: string }).batch })
    expect(desk.events).toEqual(['alert drift:usage', 'recovered drift:usage', 'alert drift:other'])
  }))

it('two runs that see the same change at once tell it once', () =>
  withCatalog(async (one, other) => {
    const told = await Promise.all([one, other, one].map((catalog) => record(catalog, [seen('drift:usage', 1, true)])))
    expect(told.toSorted()).toEqual([0, 0, 1])
  }))
