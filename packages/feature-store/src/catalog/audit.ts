import { randomUUID } from 'node:crypto'
import { userInfo } from 'node:os'
import type { Kysely } from 'kysely'
import { clockNow, instantText } from './instant.ts'
import type { AuditLogTable, CatalogTables } from './tables.ts'

export interface AuditEntry {
  readonly actor: string
  /** A verb: `apply`, `remove`, `materialize`, `take over lease`. */
  readonly action: string
  /** `kind:name` */
  readonly subject: string
  readonly detail: Readonly<Record<string, unknown>>
}

/** Appends to the audit log; in a transaction, the entry is committed or rolled back with the change it records. */
export async function audit(db: Kysely<CatalogTables>, entry: AuditEntry): Promise<void> {
  await db
    .insertInto('audit_log')
    .values({ ...entry, id: randomUUID(), at: instantText(clockNow()), detail: JSON.stringify(entry.detail) })
    .execute()
}

/** The entries of the audit log about one subject, or all of them, newest first. */
export async function auditLog(
  db: Kysely<CatalogTables>,
  options: { readonly subject?: string; readonly limit?: number } = {},
): Promise<readonly AuditLogTable[]> {
  let query = db
    .selectFrom('audit_log')
    .selectAll()
    .orderBy('at', (order) => order.desc().nullsLast())
    .orderBy('id')
    .limit(options.limit ?? 100)
  if (options.subject !== undefined) query = query.where('subject', '=', options.subject)
  return query.execute()
}

/** The actor to record when the caller names none: MARTLET_ACTOR, else the user of the operating system. */
export function defaultActor(): string {
  const named = process.env['MARTLET_ACTOR']
  if (named !== undefined && named !== '') return named
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}
