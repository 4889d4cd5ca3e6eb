import { setTimeout as sleep } from 'node:timers/promises'
import { deliveryTitle, type AlertDelivery } from '@martlet/drift/alerts'
import { acquireLease, type Catalog, type Lease } from '@martlet/feature-store'
import { MartletError, waitWhile } from '@martlet/warehouse'
import { ChannelFailure } from '../channel/channel.ts'
import { oneAtATime, type OneAtATime } from './one-at-a-time.ts'
import { claimDelivery, markSent, postpone, waitingMessages, type DeliveryLimits } from './outbox.ts'

/** A channel of the configuration, ready to deliver. */
export interface OpenChannel {
  readonly name: string
  send(delivery: AlertDelivery): Promise<string | void>
}

export type DeliveryEvent = {
  readonly type: 'alert'
  readonly step: 'claimed' | 'delivered' | 'sent' | 'failed'
  readonly channel: string
  readonly id: string
  readonly title: string
  readonly messages: number
  /** Why it failed, or did not reach all, without addresses and secrets. */
  readonly error: string | null
}

export interface DeliverOptions {
  readonly catalog: Catalog
  readonly channels: readonly OpenChannel[]
  readonly limits: DeliveryLimits
  readonly actor: string
  readonly signal: AbortSignal
  /** Takes secrets out of texts. */
  readonly redact: (text: string) => string
  readonly onEvent: (event: DeliveryEvent) => void
  /** Before the second of three attempts in a row, milliseconds; twice that before the third. @default 500 */
  readonly pause?: number
}

export interface Delivered {
  readonly sent: number
  readonly failed: number
  /** Messages that wait for their next attempt or for the rate limit. */
  readonly waiting: number
}

interface Delivering extends DeliverOptions {
  readonly lease: Lease
  /** Channels change the catalog one at a time: two may have the same old messages to delete. */
  readonly write: OneAtATime
}

type Outcome = 'sent' | 'failed' | 'not now'

const ATTEMPTS = 3
/** For so long it waits for a receiver that asks not to be called; if that is not enough, the next command calls it. */
const PATIENCE_MS = 3000
/** For so long it waits for a process that delivers; that one delivers what this one wrote, too. */
const WAIT_MS = 60_000

/** Delivers what waits in the outbox; at most one process does so at a time. A delivery that fails is tried again later. */
export async function deliverAlerts(options: DeliverOptions): Promise<Delivered> {
  const { catalog, channels, actor, signal } = options
  const names = channels.map(({ name }) => name)
  const before = await waitingMessages(catalog.db, names)
  if (before.due === 0) return { sent: 0, failed: 0, waiting: before.all }
  const lease = await waitWhile('LEASE_HELD', { milliseconds: WAIT_MS, signal }, async () => {
    // Another process may have delivered everything by now.
    if ((await waitingMessages(catalog.db, names)).due === 0) return undefined
    return acquireLease(catalog, '.alerts', actor, 'Alerts are being delivered')
  }).catch((error: unknown) => {
    if (error instanceof MartletError && (error.code === 'LEASE_HELD' || error.code === 'CANCELLED')) return undefined
    throw error
  })
  const outcomes = lease === undefined ? [] : await deliverAll(options, lease)
  const sent = outcomes.filter((outcome) => outcome === 'sent').length
  return { sent, failed: outcomes.length - sent, waiting: (await waitingMessages(catalog.db, names)).all }
}

/** All channels at once: one that hangs keeps nobody waiting who is told through another. */
async function deliverAll(options: DeliverOptions, lease: Lease): Promise<readonly Outcome[]> {
  await using held = lease
  const delivering = { ...options, lease: held, write: oneAtATime() }
  const channels = await Promise.allSettled(options.channels.map((channel) => deliverThrough(delivering, channel)))
  return channels.flatMap((channel) => {
    if (channel.status === 'rejected') throw channel.reason
    return channel.value
  })
}

async function deliverThrough(options: Delivering, channel: OpenChannel): Promise<readonly Outcome[]> {
  const { catalog, lease, limits, signal, write } = options
  const outcomes: Outcome[] = []
  while (!signal.aborted && outcomes.at(-1) !== 'not now') {
    const delivery = await write(() => claimDelivery(catalog, lease, channel.name, limits))
    if (delivery === undefined) break
    outcomes.push(await deliver(options, channel, delivery))
  }
  return outcomes
}

async function deliver(
  { catalog, lease, redact, onEvent, write, pause = 500 }: Delivering,
  channel: OpenChannel,
  delivery: AlertDelivery,
): Promise<Outcome> {
  const about = {
    type: 'alert',
    channel: channel.name,
    id: delivery.id,
    title: deliveryTitle(delivery),
    messages: delivery.messages.length,
    error: null,
  } as const
  onEvent({ ...about, step: 'claimed' })
  const attempted = await attempts(channel, delivery, pause)
  if (attempted.delivered) {
    const error = attempted.why === null ? null : redact(attempted.why)
    onEvent({ ...about, step: 'delivered', error })
    await write(() => markSent(catalog, lease, delivery.id, error))
    onEvent({ ...about, step: 'sent', error })
    return 'sent'
  }
  const error = redact(attempted.why)
  await write(() => postpone(catalog, lease, delivery.id, error, attempted.after))
  onEvent({ ...about, step: 'failed', error })
  return attempted.after > 0 ? 'not now' : 'failed'
}

type Attempted =
  | { readonly delivered: true; readonly why: string | null }
  | { readonly delivered: false; readonly why: string; readonly after: number }

/** Why the last of some attempts failed, or what did not reach all. */
async function attempts(channel: OpenChannel, delivery: AlertDelivery, pause: number): Promise<Attempted> {
  for (let attempt = 1; ; attempt++) {
    try {
      return { delivered: true, why: (await channel.send(delivery)) ?? null }
    } catch (error) {
      if (!(error instanceof ChannelFailure) && !(error instanceof MartletError)) throw error
      const [soon, after] = error instanceof ChannelFailure ? [error.soon, error.after] : [false, 0]
      const wait = Math.max(after, pause * 2 ** (attempt - 1))
      if (!soon || attempt === ATTEMPTS || wait > PATIENCE_MS) return { delivered: false, why: error.message, after }
      await sleep(wait)
    }
  }
}
