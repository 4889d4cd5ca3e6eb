import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Kysely, Transaction } from 'kysely'
import { MartletError } from '@martlet/warehouse'
import { audit } from './audit.ts'
import type { Catalog } from './catalog.ts'
import { clockNow, instantText, shortInstant, toMicros } from './instant.ts'
import { holderIsDead, holderIsSilent } from './lease-holders.ts'
import type { CatalogTables, LeasesTable } from './tables.ts'

const HEARTBEAT_MS = 5_000

/** The right to change one view's rows, which at most one process has. */
export interface Lease extends AsyncDisposable {
  readonly view: string
  /** Aborts when another process has taken over the lease. */
  readonly lost: AbortSignal
  /**
   * Call it in the transaction that depends on the lease.
   * @throws MartletError LEASE_LOST when another process has taken over the lease
   */
  check(db: Kysely<CatalogTables>): Promise<void>
  release(): Promise<void>
}

/**
 * Takes the lease of a view, or of something else that `doing` says is done. A lease
 * is taken over when its process was on this machine and is dead, or has been
 * silent for a minute. Unfinished runs of the view are marked abandoned.
 * @throws MartletError LEASE_HELD when another process holds it; the message says which, and since when
 */
export async function acquireLease(
  catalog: Catalog,
  view: string,
  actor: string,
  doing = `View ${view} is being materialized`,
): Promise<Lease> {
  const token = randomUUID()
  await catalog.db.transaction().execute(async (db) => {
    const held = await db.selectFrom('leases').selectAll().where('view', '=', view).executeTakeFirst()
    if (held !== undefined) await takeOver(db, held, actor, doing)
    const now = instantText(clockNow())
    await db
      .insertInto('leases')
      .values({ view, token, host: hostname(), pid: process.pid, actor, acquired_at: now, heartbeat_at: now })
      .execute()
    await db
      .updateTable('runs')
      .set({ outcome: 'abandoned', error: 'the process died', finished_at: now })
      .where('view', '=', view)
      .where('outcome', '=', 'running')
      .execute()
  })
  return keep(catalog, view, token)
}

async function takeOver(
  db: Transaction<CatalogTables>,
  held: LeasesTable,
  actor: string,
  doing: string,
): Promise<void> {
  const dead = holderIsDead(held)
  if (!dead && !holderIsSilent(held)) {
    throw new MartletError(
      'LEASE_HELD',
      `${doing} by ${held.actor} (process ${held.pid} on ${held.host}), ` +
        `which began at ${shortInstant(toMicros(held.acquired_at))}. ` +
        'Wait for it to end (with `wait`, on the command line `--wait 10m`), or end it.',
      {
        data: {
          view: held.view,
          host: held.host,
          pid: held.pid,
          actor: held.actor,
          since: held.acquired_at,
          heartbeat: held.heartbeat_at,
        },
      },
    )
  }
  await db.deleteFrom('leases').where('view', '=', held.view).execute()
  await audit(db, {
    actor,
    action: 'take over lease',
    subject: `view:${held.view}`,
    detail: {
      from: { host: held.host, pid: held.pid, actor: held.actor, since: held.acquired_at },
      because: dead ? 'its process is gone' : `it was silent since ${held.heartbeat_at}`,
    },
  })
}

function keep(catalog: Catalog, view: string, token: string): Lease {
  const { db } = catalog
  const lost = new AbortController()
  const lose = (): MartletError => {
    const error = new MartletError(
      'LEASE_LOST',
      `View ${view} was taken over by another process while this one was silent. ` +
        'What was written up to the last checkpoint is kept. Run this again when the other process has finished.',
      { data: { view } },
    )
    lost.abort(error)
    return error
  }
  let beating: Promise<void> = Promise.resolve()
  const beat = async (): Promise<void> => {
    try {
      const { numUpdatedRows } = await db
        .updateTable('leases')
        .set({ heartbeat_at: instantText(clockNow()) })
        .where('view', '=', view)
        .where('token', '=', token)
        .executeTakeFirst()
      if (numUpdatedRows === 0n) lose()
    } catch {
      // The next checkpoint reports a catalog that cannot be written. Until then, the missing heartbeat is the signal.
    }
  }
  const timer = setInterval(() => {
    beating = beat()
  }, HEARTBEAT_MS)
  timer.unref()
  const release = async (): Promise<void> => {
    clearInterval(timer)
    await beating
    await db.deleteFrom('leases').where('view', '=', view).where('token', '=', token).execute()
  }
  return {
    view,
    lost: lost.signal,
    async check(inside) {
      const row = await inside.selectFrom('leases').select('token').where('view', '=', view).executeTakeFirst()
      if (row?.token !== token) throw lose()
    },
    release,
    [Symbol.asyncDispose]: release,
  }
}
