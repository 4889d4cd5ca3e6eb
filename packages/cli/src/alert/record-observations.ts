import { randomUUID } from 'node:crypto'
import { alertMessage, nextState, type AlertRules, type AlertState, type Observation } from '@martlet/drift/alerts'
import { clockInstant, inOrder } from './clock-instant.ts'
import type { AlertOutboxTable, Catalog } from '@martlet/feature-store'
import { catalogInstant, CHUNK, readStates, writeStates } from './alert-rows.ts'

/** An observation, and what becomes of it. */
export interface Watched {
  readonly observation: Observation
  readonly rules: AlertRules
  /** Names of channels. */
  readonly channels: readonly string[]
  /** Where its report is; null: nowhere that a reader could go to. */
  readonly report: string | null
}

/**
 * Writes what was observed into the catalog, together with the messages that follow from it, in one transaction: a
 * change of state is there with its messages or not at all.
 *
 * @returns how many messages wait now because of it
 */
export async function recordObservations(
  catalog: Pick<Catalog, 'db'>,
  watched: readonly Watched[],
  beforeCommit: () => void = () => undefined,
): Promise<number> {
  if (watched.length === 0) return 0
  const subjects = [...new Set(watched.map(({ observation }) => observation.subject))]
  // One transaction at a time writes, so no other run tells the same change.
  return catalog.db.transaction().execute(async (db) => {
    const states = new Map<string, AlertState>(await readStates(db, subjects))
    const rows: AlertOutboxTable[] = []
    const now = clockInstant()
    for (const { observation, rules, channels, report } of watched) {
      const seen = inCatalogTime(observation)
      const { state, event } = nextState(states.get(seen.subject), seen, rules)
      states.set(state.subject, state)
      if (event === null) continue
      for (const channel of new Set(channels))
        rows.push({
          ...outboxRow(channel, event, state, seen, report),
          created_at: inOrder(now, rows.length),
          not_before: now,
        })
    }
    await writeStates(db, [...states.values()])
    for (let start = 0; start < rows.length; start += CHUNK)
      await db
        .insertInto('alert_outbox')
        .values(rows.slice(start, start + CHUNK))
        .execute()
    beforeCommit()
    return rows.length
  })
}

/** Instants compare as text, so all of them are written alike. */
function inCatalogTime(seen: Observation): Observation {
  return {
    ...seen,
    at: catalogInstant(seen.at),
    since: seen.since === null ? null : catalogInstant(seen.since),
    window: seen.window === null ? null : catalogInstant(seen.window),
  }
}

function outboxRow(
  channel: string,
  event: 'alert' | 'worse' | 'reminder' | 'recovered',
  state: AlertState,
  seen: Observation,
  report: string | null,
): Omit<AlertOutboxTable, 'created_at' | 'not_before'> {
  const id = randomUUID()
  return {
    id,
    channel,
    subject: state.subject,
    incident: state.incident,
    event,
    message: JSON.stringify(alertMessage(id, event, state, seen, report)),
    state: 'waiting',
    batch: null,
    attempts: 0,
    error: null,
    sent_at: null,
  }
}
