import { MartletError } from '@martlet/warehouse'
import type { RegistryContext } from '../registry-context.ts'
import { checkActor, checkAliasName, checkReason } from '../version/names.ts'
import { readVersion, requireModel } from '../version/read-versions.ts'
import { readMoves, rollbackTarget, type AliasMove } from './alias-log.ts'
import { aliasMoved, checkPromotable, noEarlierVersion, promotionRefused } from './move-errors.ts'
import type { Move } from './move.ts'
import { currentVersion, writeMove } from './write-move.ts'

/** Why an alias moves and who moves it; `approver` is for the registry's policy. */
export interface MoveReason {
  readonly reason: string
  readonly actor: string
  readonly approver?: string
}

export interface SetAliasOptions extends MoveReason {
  /** The version that the caller believes the alias points to; null: none. */
  readonly expect: number | null
}

/**
 * Points an alias at a version if it still points to the expected one. Setting an alias to its own version changes nothing and
 * logs nothing.
 *
 * @throws MartletError ALIAS_MOVED when it points to another version (`data.actual`)
 * @throws MartletError VERSION_NOT_PROMOTABLE when the version is failed, archived or deleted
 * @throws MartletError ARTIFACT_CORRUPT when the version's file has other bytes than were registered
 * @throws MartletError ARTIFACT_MISSING when the version's file is not in the artifact store
 * @throws MartletError PROMOTION_REFUSED when the policy refuses
 */
export async function setAlias(
  context: RegistryContext,
  model: string,
  alias: string,
  version: number,
  options: SetAliasOptions,
): Promise<AliasMove> {
  return moveAlias(context, moveOf(model, alias, 'set', { from: options.expect, to: version }, options))
}

/**
 * Removes an alias if it still points to the expected version; the log keeps its past.
 *
 * @throws MartletError ALIAS_NOT_FOUND when it is expected to point to nothing
 * @throws MartletError ALIAS_MOVED when it points to another version (`data.actual`)
 * @throws MartletError PROMOTION_REFUSED when the policy refuses
 */
export async function unsetAlias(
  context: RegistryContext,
  model: string,
  alias: string,
  options: SetAliasOptions,
): Promise<AliasMove> {
  if (options.expect === null)
    throw new MartletError(
      'ALIAS_NOT_FOUND',
      `${model}@${alias} cannot be removed when it is expected to point to nothing. Pass the version it points to.`,
      { data: { model, alias } },
    )
  return moveAlias(context, moveOf(model, alias, 'unset', { from: options.expect, to: null }, options))
}

/**
 * Points an alias back at the version that was live before the present one, according to the log. It never returns to a version
 * that was rolled back. When two people roll back at the same time, one of them is refused.
 *
 * @throws MartletError NO_EARLIER_VERSION when no earlier version is left (`data.rolledBack`)
 * @throws MartletError ALIAS_MOVED when somebody else moved it in the meantime
 * @throws MartletError VERSION_NOT_PROMOTABLE when the earlier version is failed, archived or deleted
 * @throws MartletError PROMOTION_REFUSED when the policy refuses
 */
export async function rollbackAlias(
  context: RegistryContext,
  model: string,
  alias: string,
  options: MoveReason,
): Promise<AliasMove> {
  checkAliasName(alias)
  await requireModel(context.db, model)
  const moves = await readMoves(context.db, model, alias)
  const to = rollbackTarget(moves)
  if (to === undefined) throw noEarlierVersion(model, alias, moves)
  return moveAlias(context, moveOf(model, alias, 'rollback', { from: moves.at(-1)?.to ?? null, to }, options))
}

function moveOf(
  model: string,
  alias: string,
  kind: Move['kind'],
  { from, to }: { readonly from: number | null; readonly to: number | null },
  {
    actor,
    reason,
    approver = null,
  }: { readonly actor: string; readonly reason: string; readonly approver?: string | null },
): Move {
  return { model, alias, kind, to, expect: from, actor, approver, reason }
}

/** Checks a move, which may take seconds, and then makes it in one transaction. */
async function moveAlias(context: RegistryContext, move: Move): Promise<AliasMove> {
  await checkMove(context, move)
  return context.dialect.exclusive(context.db, (db) => writeMove({ db, now: context.now }, move))
}

/** Refuses a move that cannot be made, or that the policy does not allow. */
export async function checkMove(context: RegistryContext, move: Move): Promise<void> {
  const { model, alias, kind, actor, approver, reason } = move
  checkAliasName(alias)
  checkActor(actor)
  checkReason(reason)
  await requireModel(context.db, model)
  const from = await currentVersion(context.db, model, alias)
  if (from !== move.expect) throw aliasMoved(move, from)
  const to = move.to === null ? null : await readVersion(context, model, move.to)
  if (to !== null) {
    checkPromotable(to)
    await context.artifacts.get(to.artifact.sha256)
  }
  const verdict = (await context.policy?.({ model, alias, kind, from, to, actor, approver, reason })) ?? true
  if (verdict !== true) throw promotionRefused(move, from, verdict)
}
