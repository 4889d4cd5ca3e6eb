import type { RegistryContext } from '../registry-context.ts'
import type { RegistryDb } from '../store/store-dialect.ts'
import { readVersion } from '../version/read-versions.ts'
import { readLastMove, type AliasMove } from './alias-log.ts'
import { aliasMoved, checkPromotable } from './move-errors.ts'
import type { Move } from './move.ts'
import { stopRollouts } from './stop-rollouts.ts'

/** The version that an alias points to; null: none. */
export async function currentVersion(db: RegistryDb, model: string, alias: string): Promise<number | null> {
  const row = await db
    .selectFrom('model_aliases')
    .select('version')
    .where('model', '=', model)
    .where('alias', '=', alias)
    .executeTakeFirst()
  return row?.version ?? null
}

/** Compares and swaps: checks again what may have changed, appends to the log and points the alias. Run in a transaction. */
export async function writeMove(context: Pick<RegistryContext, 'db' | 'now'>, move: Move): Promise<AliasMove> {
  const { db, now } = context
  const { model, alias, kind, to, actor, approver, reason } = move
  const from = await currentVersion(db, model, alias)
  if (from !== move.expect) throw aliasMoved(move, from)
  if (to !== null) checkPromotable(await readVersion(context, model, to))
  const last = await readLastMove(db, model, alias)
  if (last !== undefined && from === to) return last
  // With a clock that was set back, the log would name a later version for an earlier time.
  const at = new Date(Math.max(now(), last?.at.getTime() ?? 0))
  const sequence = (last?.sequence ?? 0) + 1
  const entry: AliasMove = { model, alias, sequence, kind, from, to, actor, approver, reason, at }
  await appendToLog(db, entry)
  await pointAlias(db, entry)
  await stopRollouts(context, entry)
  return entry
}

export async function appendToLog(db: RegistryDb, { from, to, at, ...move }: AliasMove): Promise<void> {
  await db
    .insertInto('model_alias_moves')
    .values({ ...move, from_version: from, to_version: to, at_ms: at.getTime() })
    .execute()
}

async function pointAlias(db: RegistryDb, { model, alias, from, to, at }: AliasMove): Promise<void> {
  if (to === null) {
    await db.deleteFrom('model_aliases').where('model', '=', model).where('alias', '=', alias).execute()
    return
  }
  const target = { version: to, updated_ms: at.getTime() }
  if (from === null)
    await db
      .insertInto('model_aliases')
      .values({ model, alias, ...target })
      .execute()
  else await db.updateTable('model_aliases').set(target).where('model', '=', model).where('alias', '=', alias).execute()
}
