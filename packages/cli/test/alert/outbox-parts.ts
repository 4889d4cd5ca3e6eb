import type { AlertDelivery, AlertRules, Observation } from '@martlet/drift'
import type { Catalog } from '@martlet/feature-store'
import { deliverAlerts, type Delivered, type DeliveryEvent, type OpenChannel } from '../../src/alert/deliver-alerts.ts'
import type { DeliveryLimits } from '../../src/alert/outbox.ts'
import { recordObservations } from '../../src/alert/record-observations.ts'
import type { ChannelFailure } from '../../src/channel/channel.ts'

const rules: AlertRules = { confirm: 1, quiet: 1, remindAfter: null }
const limits: DeliveryLimits = { deliveries: 20, per: 3_600_000, digestFrom: 5 }
export const HOUR = 3_600_000

/** A channel that keeps what it gets, and fails when it is told to. */
export class Kept implements OpenChannel {
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

export const record = (catalog: Catalog, observations: readonly Observation[], channels = ['ops']): Promise<number> =>
  recordObservations(
    catalog,
    observations.map((observation) => ({ observation, rules, channels, report: null })),
  )

export const deliver = (
  catalog: Catalog,
  channels: readonly OpenChannel[],
  some: Partial<DeliveryLimits> = {},
  onEvent: (event: DeliveryEvent) => void = () => undefined,
): Promise<Delivered> =>
  deliverAlerts({
    catalog,
    channels,
    limits: { ...limits, ...some },
    actor: 'ann',
    signal: new AbortController().signal,
    redact: (text) => text.replaceAll('hunter2', '[redacted]'),
    onEvent,
    pause: 1,
  })

/** As if so much time had passed. */
export async function pass({ db }: Catalog, milliseconds: number): Promise<void> {
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
