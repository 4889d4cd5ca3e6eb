import { MartletError } from '../errors.ts'
import { rowsOf } from '../rows.ts'
import { ensureTable, type TableSpec } from '../table/ensure-table.ts'
import { tableRef } from '../table/table-name.ts'
import type { Warehouse } from '../warehouse.ts'
import type { DeployObject } from './read-deployment.ts'
import { sql } from '../sql.ts'

const OBJECTS: TableSpec = {
  table: 'martlet_deploy.objects',
  columns: [
    { name: 'object', type: 'text', nullable: false },
    { name: 'kind', type: 'text', nullable: false },
    { name: 'hash', type: 'text', nullable: false },
    { name: 'file', type: 'text', nullable: false },
    { name: 'applied_at', type: 'timestamp', nullable: false },
    { name: 'actor', type: 'text', nullable: false },
  ],
}
const LOCK: TableSpec = {
  table: 'martlet_deploy.lock',
  columns: [
    { name: 'holder', type: 'text', nullable: false },
    { name: 'taken_at', type: 'timestamp', nullable: false },
  ],
}
/** How long a deployment waits for another one to end. */
const WAIT_MS = 20_000

/** What was deployed, by key; empty when nothing ever was. */
export async function recorded(
  warehouse: Warehouse,
): Promise<ReadonlyMap<string, { readonly hash: string; readonly file: string }>> {
  if ((await warehouse.introspect(OBJECTS.table)) === undefined) return new Map()
  const rows = rowsOf<{ object: string; hash: string; file: string }>(
    await warehouse.read(sql`SELECT object, hash, file FROM ${tableRef(OBJECTS.table)} ORDER BY object`),
  )
  return new Map(rows.map(({ object, hash, file }) => [object, { hash, file }]))
}

/** Records that an object is as its file defines it. */
export async function record(
  warehouse: Warehouse,
  { key, kind, hash, file }: DeployObject,
  actor: string,
): Promise<void> {
  const now = warehouse.leaves.timestamp(Date.now() * 1000)
  await warehouse.run(sql`
    MERGE INTO ${tableRef(OBJECTS.table)} AS t
    USING (
      SELECT ${key} AS object, ${kind} AS kind, ${hash} AS hash, ${file} AS file, ${now} AS applied_at, ${actor} AS actor
    ) AS s ON t.object = s.object
    WHEN MATCHED THEN UPDATE SET hash = s.hash, file = s.file, applied_at = s.applied_at, actor = s.actor
    WHEN NOT MATCHED THEN INSERT (object, kind, hash, file, applied_at, actor)
      VALUES (s.object, s.kind, s.hash, s.file, s.applied_at, s.actor)
  `)
}

/**
 * Runs `work` while no other deployment can: a transaction stays open that has changed a row, which locks others out.
 *
 * Snowflake rolls back such a transaction when it is idle for five minutes and blocks another one. So `work` calls `hold`
 * before each step, and stops when the lock is lost; the lock of a process that died ends by itself.
 * @throws MartletError DEPLOY_BUSY when another deployment holds the lock, or the lock was lost
 */
export async function locked<T>(
  warehouse: Warehouse,
  actor: string,
  work: (hold: () => Promise<void>) => Promise<T>,
): Promise<T> {
  await ensureTable(warehouse, OBJECTS)
  await ensureTable(warehouse, LOCK)
  const now = warehouse.leaves.timestamp(Date.now() * 1000)
  // Two first deployments may both write a row; each then changes both.
  const { rows } = await warehouse.read(sql`SELECT holder FROM ${tableRef(LOCK.table)} LIMIT 1`)
  if (rows === 0)
    await warehouse.run(sql`INSERT INTO ${tableRef(LOCK.table)} (holder, taken_at) SELECT ${actor}, ${now}`)
  let outcome: { readonly value: T } | { readonly error: unknown } | undefined
  try {
    await warehouse.transaction(async (transaction) => {
      if (outcome !== undefined) return
      await transaction.run(sql`UPDATE ${tableRef(LOCK.table)} SET holder = ${actor}, taken_at = ${now}`, {
        signal: AbortSignal.timeout(WAIT_MS),
      })
      // An error of `work` must not end the transaction, which would run `work` again.
      const hold = async (): Promise<void> => {
        await transaction.run(sql`UPDATE ${tableRef(LOCK.table)} SET holder = ${actor}`).catch((cause: unknown) => {
          throw new MartletError(
            'DEPLOY_BUSY',
            'The deployment lock was lost during this deployment, and another one may be running. ' +
              'What was done is recorded: look at the plan again.',
            { cause },
          )
        })
      }
      outcome = await work(hold).then(
        (value) => ({ value }),
        (error: unknown) => ({ error }),
      )
    })
  } catch (cause) {
    if (
      outcome === undefined &&
      cause instanceof MartletError &&
      (cause.code === 'TRANSACTION_CONFLICT' || cause.code === 'CANCELLED')
    ) {
      throw new MartletError(
        'DEPLOY_BUSY',
        'Another deployment is running in this database. Wait until it ends, then look at the plan again.',
        { cause },
      )
    }
    if (outcome === undefined) throw cause
  }
  if (outcome === undefined)
    throw new MartletError('DEPLOY_BUSY', 'The deployment lock could not be acquired. Deploy again.')
  if ('error' in outcome) throw outcome.error
  return outcome.value
}
