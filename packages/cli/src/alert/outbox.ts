import { randomUUID } from 'node:crypto'
import { incidentOf, type AlertDelivery, type AlertMessage } from '@martlet/drift/alerts'
import type { AlertOutboxTable, Catalog, Lease } from '@martlet/feature-store'
import { CHUNK } from './alert-rows.ts'
import { clockInstant } from './clock-instant.ts'
import { dropOldMessages } from './drop-old-messages.ts'

type Db = Catalog['db']

/** How much a channel gets. */
export interface DeliveryLimits {
  /** So many deliveries in `per` milliseconds. */
  readonly deliveries: number
  readonly per: number
  /** From so many waiting messages on they become one digest. */
  readonly digestFrom: number
}

const DAY_MS = 86_400_000
const FIRST_PAUSE_MS = 60_000
const LONGEST_PAUSE_MS = 3_600_000
const LEAST_ATTEMPTS = 5

/** Messages that wait, of some channels or of all: those that may be sent now, and all. */
export async function waitingMessages(
  db: Db,
  channels: readonly string[],
): Promise<{ readonly due: number; readonly all: number }> {
  if (channels.length === 0) return { due: 0, all: 0 }
  const rows = await db
    .selectFrom('alert_outbox')
    .select('not_before')
    .where('state', '=', 'waiting')
    .where('channel', 'in', [...channels])
    .execute()
  const now = clockInstant()
  return { due: rows.filter(({ not_before: from }) => from <= now).length, all: rows.length }
}

/** Whether a channel has had all deliveries that it may have for now. */
export async function isLimited(db: Db, channel: string, limits: DeliveryLimits): Promise<boolean> {
  return (await deliveriesLeft(db, channel, limits)) <= 0
}

/**
 * Makes the next delivery of a channel and writes down what is in it, before it is sent: whoever goes on after this
 * process has died sends the same under the same id.
 *
 * @returns undefined when nothing waits, or the rate limit is reached
 */
export async function claimDelivery(
  { db: whole }: Pick<Catalog, 'db'>,
  lease: Lease,
  channel: string,
  limits: DeliveryLimits,
): Promise<AlertDelivery | undefined> {
  return whole.transaction().execute(async (db) => {
    await lease.check(db)
    const rows = await dueRows(db, channel)
    const begun = rows.find(({ batch }) => batch !== null)?.batch ?? null
    const chosen =
      begun === null ? await newBatch(db, channel, rows, limits) : rows.filter(({ batch }) => batch === begun)
    const [first] = chosen
    if (first === undefined) return undefined
    const batch = begun ?? (chosen.length === 1 ? first.id : randomUUID())
    for (const ids of chunks(chosen.map(({ id }) => id)))
      await db
        .updateTable('alert_outbox')
        .set({ batch, attempts: first.attempts + 1 })
        .where('id', 'in', ids)
        .execute()
    const messages = chosen.map(({ message }) => JSON.parse(message) as AlertMessage)
    const key = chosen.length === 1 ? incidentOf(first.subject, first.incident) : digestKey(batch)
    return { id: batch, messages, key, resolved: await resolvedKeys(db, channel, chosen) }
  })
}

/** It has arrived, with what is to be said of that. */
export async function markSent(
  { db: whole }: Pick<Catalog, 'db'>,
  lease: Lease,
  batch: string,
  error: string | null,
): Promise<void> {
  await whole.transaction().execute(async (db) => {
    await lease.check(db)
    await db
      .updateTable('alert_outbox')
      .set({ state: 'sent', sent_at: clockInstant(), error })
      .where('batch', '=', batch)
      .execute()
    await dropOldMessages(db)
  })
}

/**
 * It has not arrived: it is tried again after a minute, two, four, to an hour, and not before `after` milliseconds, if that
 * is within the hour; after a day it is given up.
 */
export async function postpone(
  { db: whole }: Pick<Catalog, 'db'>,
  lease: Lease,
  batch: string,
  error: string,
  after: number,
): Promise<'waiting' | 'given up'> {
  return whole.transaction().execute(async (db) => {
    await lease.check(db)
    const rows = await db
      .selectFrom('alert_outbox')
      .select(['attempts', 'created_at'])
      .where('batch', '=', batch)
      .orderBy('created_at')
      .execute()
    const attempts = rows[0]?.attempts ?? 1
    const newest = rows.at(-1)?.created_at ?? clockInstant()
    const state = attempts >= LEAST_ATTEMPTS && newest < clockInstant(-DAY_MS) ? 'given up' : 'waiting'
    const pause = Math.min(LONGEST_PAUSE_MS, Math.max(after, FIRST_PAUSE_MS * 2 ** (attempts - 1)))
    await db
      .updateTable('alert_outbox')
      .set({ state, error, not_before: clockInstant(pause) })
      .where('batch', '=', batch)
      .execute()
    await dropOldMessages(db)
    return state
  })
}

/** What may be sent now, oldest first. What is said of a subject stays in order: behind a message that was postponed, others wait. */
async function dueRows(db: Db, channel: string): Promise<readonly AlertOutboxTable[]> {
  const rows = await db
    .selectFrom('alert_outbox')
    .selectAll()
    .where('channel', '=', channel)
    .where('state', '=', 'waiting')
    .orderBy('created_at')
    .orderBy('incident')
    .orderBy('id')
    .execute()
  const now = clockInstant()
  const postponed = new Set(rows.filter(({ not_before: from }) => from > now).map(({ subject }) => subject))
  return rows.filter(({ subject }) => !postponed.has(subject))
}

async function newBatch(
  db: Db,
  channel: string,
  rows: readonly AlertOutboxTable[],
  limits: DeliveryLimits,
): Promise<readonly AlertOutboxTable[]> {
  if (rows.length === 0) return []
  const left = await deliveriesLeft(db, channel, limits)
  if (left <= 0) return []
  return rows.length >= limits.digestFrom || rows.length > left ? rows : rows.slice(0, 1)
}

async function deliveriesLeft(db: Db, channel: string, { deliveries, per }: DeliveryLimits): Promise<number> {
  const sent = await db
    .selectFrom('alert_outbox')
    .select('batch')
    .distinct()
    .where('channel', '=', channel)
    .where('sent_at', '>', clockInstant(-per))
    .execute()
  return deliveries - sent.length
}

function digestKey(batch: string): string {
  return `martlet:digest:${batch}`
}

/**
 * What is over with these messages: incidents that have recovered, and digests in which all have. Whether an incident
 * was told alone or in a digest, these are the names under which it was.
 */
async function resolvedKeys(db: Db, channel: string, chosen: readonly AlertOutboxTable[]): Promise<readonly string[]> {
  const nameOf = (row: Pick<AlertOutboxTable, 'subject' | 'incident'>): string => incidentOf(row.subject, row.incident)
  const over = new Set(chosen.filter(({ event }) => event === 'recovered').map(nameOf))
  if (over.size === 0) return []
  const rows = await db
    .selectFrom('alert_outbox')
    .select(['id', 'subject', 'incident', 'event', 'batch'])
    .where('channel', '=', channel)
    .where('batch', 'is not', null)
    .execute()
  const recovered = new Set([...rows.filter(({ event }) => event === 'recovered').map(nameOf), ...over])
  const told = Map.groupBy(
    rows.filter(({ event }) => event !== 'recovered'),
    ({ batch }) => batch,
  )
  return [...told]
    .flatMap(([batch, members]) => {
      const names = members.map(nameOf)
      if (batch === null || !names.some((name) => over.has(name)) || !names.every((name) => recovered.has(name)))
        return []
      const alone = members.find(({ id }) => id === batch)
      return [alone === undefined ? digestKey(batch) : nameOf(alone)]
    })
    .filter((key, at, all) => all.indexOf(key) === at)
}

function chunks(ids: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(ids.length / CHUNK) }, (_, at) => ids.slice(at * CHUNK, (at + 1) * CHUNK))
}
