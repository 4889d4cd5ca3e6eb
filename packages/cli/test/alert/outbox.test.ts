import type { AlertDelivery, AlertRules, Observation } from '@martlet/drift'
import type { Catalog } from '@martlet/feature-store'
import { expect, it } from 'vitest'
import { readStates } from '../../src/alert/alert-rows.ts'
import { ChannelFailure } from '../../src/channel/channel.ts'
import { clockInstant } from '../../src/alert/clock-instant.ts'
import { deliverAlerts, type Delivered, type OpenChannel } from '../../src/alert/deliver-alerts.ts'
import type { DeliveryLimits } from '../../src/alert/outbox.ts'
import { recordObservations } from '../../src/alert/record-observations.ts'
import { withCatalog } from '../schedule/with-catalog.ts'
import { seen } from './messages.ts'

const rules: AlertRules = { confirm: 1, quiet: 1, remindAfter: null }
const limits: DeliveryLimits = { deliveries: 20, per: 3_600_000, digestFrom: 5 }
const HOUR = 3_600_000

/** A channel that keeps what it gets, and fails when it is told to. */
class Kept implements OpenChannel {
  readonly deliveries: AlertDelivery[] = []
  readonly name: string
  failing: ChannelFailure | undefined
  calls = 0

  constructor(name: string) {
    this.name = name
  }

  async send(delivery: AlertDelivery): Promise<void> {
    this.calls++
    // Another process has time to be in the way.
    await new Promise((resolve) => setTimeout(resolve, 1))
    if (this.failing !== undefined) throw this.failing
    this.deliveries.push(delivery)
  }

  get events(): readonly string[] {
    return this.deliveries.flatMap(({ messages }) => messages.map(({ event, subject }) => `${event} ${subject}`))
  }
}

const record = (catalog: Catalog, observations: readonly Observation[], channels = ['ops']): Promise<number> =>
  recordObservations(
    catalog,
    observations.map((observation) => ({ observation, rules, channels, report: null })),
  )

const deliver = (
  catalog: Catalog,
  channels: readonly OpenChannel[],
  some: Partial<DeliveryLimits> = {},
): Promise<Delivered> =>
  deliverAlerts({
    catalog,
    channels,
    limits: { ...limits, ...some },
    actor: 'ann',
    signal: new AbortController().signal,
    redact: (text) => text.replaceAll('hunter2', '[redacted]'),
    onEvent: () => undefined,
    pause: 1,
  })

/** As if so much time had passed. */
async function pass({ db }: Catalog, milliseconds: number): Promise<void> {
  for (const { id, not_before, created_at, sent_at } of await db.selectFrom('alert_outbox').selectAll().execute()) {
    const earlier = (text: string): string =>
      new Date(Date.parse(text) - milliseconds).toISOString().replace('Z', '000Z')
    await db
      .updateTable('alert_outbox')
      .set({
        not_before: earlier(not_before),
        created_at: earlier(created_at),
        sent_at: sent_at === null ? null : earlier(sent_at),
      })
      .where('id', '=', id)
      .execute()
  }
}

it('a change is told once to each channel, however often it is seen; and so is the end of it', () =>
  withCatalog(async (catalog) => {
    const [ops, desk] = [new Kept('ops'), new Kept('desk')]
    for (let n = 1; n <= 3; n++) {
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

it('it is given up after a day of attempts, and not before', () =>
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

it('two runs that see the same change at once tell it once', () =>
  withCatalog(async (one, other) => {
    const told = await Promise.all([one, other, one].map((catalog) => record(catalog, [seen('drift:usage', 1, true)])))
    expect(told.toSorted()).toEqual([0, 0, 1])
  }))

it('old messages go, those that wait stay', () =>
  withCatalog(async (catalog) => {
    const ops = new Kept('ops')
    await record(catalog, [seen('drift:old', 1, true)])
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
