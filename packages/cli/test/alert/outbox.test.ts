import { expect, it } from 'vitest'
import { clockInstant } from '../../src/alert/clock-instant.ts'
import { ChannelFailure } from '../../src/channel/channel.ts'
import { withCatalog } from '../schedule/with-catalog.ts'
import { seen } from './messages.ts'
import { deliver, HOUR, Kept, pass, record } from './outbox-parts.ts'

it('a thousand monitors that fail are one delivery, and so is their recovery, which closes it', () =>
  withCatalog(async (catalog) => {
    const ops = new Kept('ops')
    const names = Array.from({ length: 1000 }, (_, i) => `drift:usage_${i}`)
    expect(
      await record(
        catalog,
        names.map((name) => seen(name, 1, true)),
      ),
    ).toBe(1000)
    expect(await deliver(catalog, [ops])).toEqual({ sent: 1, failed: 0, waiting: 0 })
    expect(ops.deliveries[0]?.messages).toHaveLength(1000)
    // One of them recovers alone: the digest stays open.
    await record(catalog, [seen('drift:usage_0', 2, false)])
    await deliver(catalog, [ops])
    expect(ops.deliveries[1]).toMatchObject({ key: 'martlet:drift:usage_0#1', resolved: [] })
    await record(
      catalog,
      names.map((name) => seen(name, 3, false)),
    )
    await deliver(catalog, [ops])
    expect(ops.deliveries).toHaveLength(3)
    expect(ops.deliveries[2]?.resolved).toEqual([ops.deliveries[0]?.key])
    expect(ops.deliveries[2]?.messages).toHaveLength(999)
  }))

it('a channel gets so many deliveries in so long a time; what waits then comes as one', () =>
  withCatalog(async (catalog) => {
    const ops = new Kept('ops')
    for (let n = 1; n <= 6; n++) {
      await record(catalog, [seen(`drift:usage_${n}`, n, true)])
      await deliver(catalog, [ops], { deliveries: 2 })
    }
    expect(ops.deliveries.map(({ messages }) => messages.length)).toEqual([1, 1])
    expect(await deliver(catalog, [ops], { deliveries: 2 })).toEqual({ sent: 0, failed: 0, waiting: 4 })
    await pass(catalog, HOUR + 1000)
    await deliver(catalog, [ops], { deliveries: 2 })
    expect(ops.deliveries.map(({ messages }) => messages.length)).toEqual([1, 1, 4])
    expect(new Set(ops.events).size).toBe(6)
  }))

it('a channel that hangs keeps nobody waiting who is told through another', () =>
  withCatalog(async (catalog) => {
    const [hangs, ops] = [new Kept('hangs'), new Kept('ops')]
    const released = Promise.withResolvers<void>()
    hangs.send = () => released.promise
    await record(catalog, [seen('drift:usage', 1, true)], ['hangs', 'ops'])
    const delivered = deliver(catalog, [hangs, ops], {}, ({ step, channel }) => {
      if (step === 'sent' && channel === 'ops') released.resolve()
    })
    expect(await delivered).toEqual({ sent: 2, failed: 0, waiting: 0 })
  }))

it('what never arrives is given up after a day of attempts, and not before', () =>
  withCatalog(async (catalog) => {
    const ops = new Kept('ops')
    ops.failing = new ChannelFailure('it answered 404', { soon: false })
    await record(catalog, [seen('drift:usage', 1, true)])
    const states: string[] = []
    for (let attempt = 1; attempt <= 28; attempt++) {
      await deliver(catalog, [ops])
      states.push((await catalog.db.selectFrom('alert_outbox').select('state').executeTakeFirstOrThrow()).state)
      await pass(catalog, HOUR)
    }
    expect(states.indexOf('given up')).toBe(24)
    expect(ops.calls).toBe(25)
  }))

it('a receiver that asks for time gets it: no attempt in a row, none of another message, and the next one after it', () =>
  withCatalog(async (catalog) => {
    const ops = new Kept('ops')
    ops.failing = new ChannelFailure('it answered 429', { soon: true, after: 20 * 60_000 })
    await record(catalog, [seen('drift:usage', 1, true), seen('drift:other', 1, true)])
    expect(await deliver(catalog, [ops])).toEqual({ sent: 0, failed: 1, waiting: 2 })
    expect(ops.calls).toBe(1)
    ops.failing = undefined
    await pass(catalog, 19 * 60_000)
    await deliver(catalog, [ops])
    expect(ops.events).toEqual(['alert drift:other'])
    await pass(catalog, 2 * 60_000)
    await deliver(catalog, [ops])
    expect(ops.events).toEqual(['alert drift:other', 'alert drift:usage'])
    // A moment is waited for, and nobody waits for days.
    ops.failing = new ChannelFailure('it answered 429', { soon: true, after: 5 })
    await record(catalog, [seen('drift:usage', 2, false)])
    await deliver(catalog, [ops])
    expect(ops.calls).toBe(6)
    ops.failing = new ChannelFailure('it answered 503', { soon: true, after: 7 * 24 * HOUR })
    await pass(catalog, HOUR)
    await deliver(catalog, [ops])
    ops.failing = undefined
    await pass(catalog, HOUR + 1000)
    await deliver(catalog, [ops])
    expect(ops.events.at(-1)).toBe('recovered drift:usage')
  }))

it('two runs that deliver at once take turns: each message arrives once', () =>
  withCatalog(async (one, other) => {
    const [first, second] = [new Kept('ops'), new Kept('ops')]
    for (let n = 1; n <= 4; n++) await record(one, [seen(`drift:usage_${n}`, n, true)])
    const runs = await Promise.all([deliver(one, [first]), deliver(other, [second]), deliver(one, [second])])
    expect(runs.map(({ waiting }) => waiting)).toEqual([0, 0, 0])
    const events = [...first.events, ...second.events]
    expect(events).toHaveLength(4)
    expect(new Set(events).size).toBe(4)
    expect(await one.db.selectFrom('leases').selectAll().execute()).toEqual([])
  }))

it('old messages go, those that wait stay', () =>
  withCatalog(async (catalog) => {
    const ops = new Kept('ops')
    await record(catalog, [seen('drift:old', 1, true)])
    await record(catalog, [seen('drift:old', 2, false)])
    await deliver(catalog, [ops])
    await record(catalog, [seen('drift:waits', 1, true)], ['away'])
    await pass(catalog, 91 * 24 * HOUR)
    await record(catalog, [seen('drift:new', 1, true)])
    await deliver(catalog, [ops])
    const left = await catalog.db.selectFrom('alert_outbox').select(['subject', 'state']).orderBy('subject').execute()
    expect(left).toEqual([
      { subject: 'drift:new', state: 'sent' },
      { subject: 'drift:waits', state: 'waiting' },
    ])
    expect(clockInstant() > clockInstant(-1000)).toBe(true)
  }))

it('an incident that is open for longer than messages are kept is closed under the name that it was told under', () =>
  withCatalog(async (catalog) => {
    const ops = new Kept('ops')
    const both = ['drift:long', 'drift:short']
    await record(catalog, [seen('drift:alone', 1, true)])
    await deliver(catalog, [ops])
    await record(
      catalog,
      both.map((name) => seen(name, 1, true)),
    )
    await deliver(catalog, [ops], { digestFrom: 2 })
    await record(catalog, [seen('drift:short', 2, false)])
    await deliver(catalog, [ops])
    await pass(catalog, 91 * 24 * HOUR)
    await record(catalog, [seen('drift:other', 3, true)])
    await deliver(catalog, [ops])
    await record(catalog, [seen('drift:alone', 4, false)])
    await deliver(catalog, [ops])
    await record(catalog, [seen('drift:long', 4, false)])
    await deliver(catalog, [ops])
    expect(ops.deliveries.slice(-2).map(({ resolved }) => resolved)).toEqual([
      ['martlet:drift:alone#1'],
      [ops.deliveries[1]?.key],
    ])
    // All of it is over now, so that it goes.
    await pass(catalog, 91 * 24 * HOUR)
    await record(catalog, [seen('drift:other', 5, false)])
    await deliver(catalog, [ops])
    const left = await catalog.db.selectFrom('alert_outbox').select('subject').distinct().execute()
    expect(left).toEqual([{ subject: 'drift:other' }])
  }))

it('old messages go also when nothing arrives any more', () =>
  withCatalog(async (catalog) => {
    const ops = new Kept('ops')
    ops.failing = new ChannelFailure('it answered 404', { soon: false })
    await record(catalog, [seen('drift:old', 1, true), seen('drift:old', 2, false)])
    for (let attempt = 1; attempt <= 5; attempt++) {
      await pass(catalog, 24 * HOUR)
      await deliver(catalog, [ops], { digestFrom: 2 })
    }
    await pass(catalog, 91 * 24 * HOUR)
    await record(catalog, [seen('drift:new', 1, true)])
    await deliver(catalog, [ops])
    expect(await catalog.db.selectFrom('alert_outbox').select(['subject', 'state']).execute()).toEqual([
      { subject: 'drift:new', state: 'waiting' },
    ])
  }))

it('a channel that is named twice is told once', () =>
  withCatalog(async (catalog) => {
    expect(await record(catalog, [seen('drift:usage', 1, true)], ['ops', 'desk', 'ops'])).toBe(2)
  }))

it('what arrived only in part is sent once, with what was said of it', () =>
  withCatalog(async (catalog) => {
    const said: (string | null)[] = []
    const ops = { name: 'ops', send: async () => 'the server at hunter2 refused 1 of 2 addresses' }
    await record(catalog, [seen('drift:usage', 1, true)])
    expect(await deliver(catalog, [ops], {}, ({ error }) => said.push(error))).toEqual({
      sent: 1,
      failed: 0,
      waiting: 0,
    })
    const error = 'the server at [redacted] refused 1 of 2 addresses'
    expect(said.at(-1)).toBe(error)
    expect(await catalog.db.selectFrom('alert_outbox').select(['state', 'error']).execute()).toEqual([
      { state: 'sent', error },
    ])
  }))
