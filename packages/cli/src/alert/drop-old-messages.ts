import { incidentOf } from '@martlet/drift/alerts'
import type { Catalog } from '@martlet/feature-store'
import { CHUNK } from './alert-rows.ts'
import { clockInstant } from './clock-instant.ts'

const KEPT_MS = 90 * 86_400_000

/**
 * Deletes messages that are older than 90 days and no longer wait. Those of an incident that is still open stay, with
 * the deliveries that they were a part of: its end closes what they opened, and a digest is over when all of it is.
 */
export async function dropOldMessages(db: Catalog['db']): Promise<void> {
  const old = clockInstant(-KEPT_MS)
  const candidates = await db
    .selectFrom('alert_outbox')
    .select(['id', 'subject', 'incident'])
    .where('state', '<>', 'waiting')
    .where('created_at', '<', old)
    .execute()
  if (candidates.length === 0) return
  const rows = await db.selectFrom('alert_outbox').select(['subject', 'incident', 'batch', 'state']).execute()
  const states = await db
    .selectFrom('alert_states')
    .select(['subject', 'incident'])
    .where('alerting_since', 'is not', null)
    .execute()
  const open = new Set([...states, ...rows.filter(({ state }) => state === 'waiting')].map(nameOf))
  const batches = new Set(rows.filter((row) => open.has(nameOf(row))).map(({ batch }) => batch))
  const kept = new Set([...open, ...rows.filter(({ batch }) => batch !== null && batches.has(batch)).map(nameOf)])
  const gone = candidates.filter((row) => !kept.has(nameOf(row))).map(({ id }) => id)
  for (let start = 0; start < gone.length; start += CHUNK)
    await db
      .deleteFrom('alert_outbox')
      .where('id', 'in', gone.slice(start, start + CHUNK))
      .execute()
}

function nameOf({ subject, incident }: { readonly subject: string; readonly incident: number }): string {
  return incidentOf(subject, incident)
}
