import { hostname } from 'node:os'
import type { Kysely } from 'kysely'
import { clockNow, toMicros } from './instant.ts'
import { isProcessAlive } from './process-alive.ts'
import type { CatalogTables, LeasesTable } from './tables.ts'

/** A holder without a heartbeat for this long (µs) has lost its lease, even if its process still exists. */
const EXPIRES_AFTER = 60_000_000n

/** A process that is materializing a view. */
export interface LeaseHolder {
  readonly view: string
  readonly actor: string
  readonly pid: number
  readonly host: string
  readonly since: string
  /** When it last gave a sign of life. */
  readonly heartbeat: string
  /** The process died or fell silent, so the next run takes over. */
  readonly gone: boolean
}

/** The holders of all leases, by view. */
export async function listLeases(db: Kysely<CatalogTables>): Promise<readonly LeaseHolder[]> {
  const leases = await db.selectFrom('leases').selectAll().orderBy('view').execute()
  return leases.map((lease) => {
    const { view, actor, pid, host, acquired_at: since, heartbeat_at: heartbeat } = lease
    return { view, actor, pid, host, since, heartbeat, gone: holderIsDead(lease) || holderIsSilent(lease) }
  })
}

/** Whether the holder was a process of this machine that has ended. */
export function holderIsDead({ host, pid }: LeasesTable): boolean {
  return host === hostname() && !isProcessAlive(pid)
}

export function holderIsSilent({ heartbeat_at: heartbeat }: LeasesTable): boolean {
  return clockNow() - toMicros(heartbeat) >= EXPIRES_AFTER
}
