import { MartletError } from '@martlet/warehouse'
import type { RegistryContext } from '../registry-context.ts'
import type { RegistryDb } from '../store/store-dialect.ts'
import type { ModelVersion } from '../version/model-version.ts'
import { readVersion, requireModel } from '../version/read-versions.ts'
import { readLastMove, readMoves, rollbackTarget, type AliasMove } from './alias-log.ts'
import { checkActor, checkAliasName, checkReason } from '../version/names.ts'

/** Why an alias moves and who moves it; `approver` is for the registry's policy. */
export interface MoveReason {
  readonly reason: string
  readonly actor: string
  readonly approver?: string
}

export interface SetAliasOptions extends MoveReason {
  /** What the alias points to as far as the caller knows; null: nothing. */
  readonly expect: number | null
}

interface Move {
  readonly model: string
  readonly alias: string
  readonly kind: AliasMove['kind']
  readonly to: number | null
  readonly expect: number | null
}

/**
 * Points an alias at a version if it still points where the caller thinks. Rejects with `ALIAS_MOVED` (`data.actual`) when it does
 * not, `VERSION_NOT_PROMOTABLE` for a version that is failed, archived or deleted, `ARTIFACT_CORRUPT` or `ARTIFACT_MISSING` when its
 * file is not whole, and `PROMOTION_REFUSED` when the policy says no. Setting what is set already changes and logs nothing.
 */
export async function setAlias(
  context: RegistryContext,
  model: string,
  alias: string,
  version: number,
  options: SetAliasOptions,
): Promise<AliasMove> {
  return moveAlias(context, { model, alias, kind: 'set', to: version, expect: options.expect }, options)
}

/** Takes an alias away. The same compare-and-swap as `setAlias`; the log keeps its past. */
export async function unsetAlias(
  context: RegistryContext,
  model: string,
  alias: string,
  options: SetAliasOptions,
): Promise<AliasMove> {
  if (options.expect === null)
    throw new MartletError(
      'ALIAS_NOT_FOUND',
      `${model}@${alias} cannot be taken away when it is expected to point nowhere.`,
      {
        data: { model, alias },
      },
    )
  return moveAlias(context, { model, alias, kind: 'unset', to: null, expect: options.expect }, options)
}

/**
 * Points an alias back at the version that was live before the present one, from the log. Never returns to a version that was rolled
 * back: when no other is left, rejects with `NO_EARLIER_VERSION` (`data.rolledBack`). Rejects with `ALIAS_MOVED` when
 * somebody else moved it meanwhile, so that two people who roll back at once go back once.
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
  return moveAlias(context, { model, alias, kind: 'rollback', to, expect: moves.at(-1)?.to ?? null }, options)
}

async function moveAlias(context: RegistryContext, move: Move, options: MoveReason): Promise<AliasMove> {
  const { model, alias } = move
  checkAliasName(alias)
  checkActor(options.actor)
  checkReason(options.reason)
  await requireModel(context.db, model)
  const actual = await currentVersion(context.db, model, alias)
  if (actual !== move.expect) throw aliasMoved(move, actual)
  const version = move.to === null ? null : await readVersion(context, model, move.to)
  if (version !== null) {
    checkPromotable(version)
    await context.artifacts.get(version.artifact.sha256)
  }
  const approver = options.approver ?? null
  const verdict =
    (await context.policy?.({
      model,
      alias,
      kind: move.kind,
      from: actual,
      to: version,
      actor: options.actor,
      approver,
      reason: options.reason,
    })) ?? true
  if (verdict !== true)
    throw new MartletError(
      'PROMOTION_REFUSED',
      `The policy refuses to ${move.kind} ${model}@${alias} from ${actual ?? 'nothing'} to ${move.to ?? 'nothing'}: ${verdict}`,
      {
        data: { model, alias, from: actual, to: move.to, verdict },
      },
    )
  return context.dialect.exclusive(context.db, (db) => writeMove({ ...context, db }, move, options))
}

async function writeMove(context: RegistryContext, move: Move, options: MoveReason): Promise<AliasMove> {
  const { db } = context
  const { model, alias } = move
  const actual = await currentVersion(db, model, alias)
  if (actual !== move.expect) throw aliasMoved(move, actual)
  if (move.to !== null) checkPromotable(await readVersion(context, model, move.to))
  const last = await readLastMove(db, model, alias)
  if (last !== undefined && actual === move.to) return last

  // a clock that was set back must not make the log answer with a later version for an earlier time
  const at = Math.max(context.now(), last?.at.getTime() ?? 0)
  const entry: AliasMove = {
    model,
    alias,
    sequence: (last?.sequence ?? 0) + 1,
    kind: move.kind,
    from: actual,
    to: move.to,
    actor: options.actor,
    approver: options.approver ?? null,
    reason: options.reason,
    at: new Date(at),
  }
  await db
    .insertInto('model_alias_moves')
    .values({
      model,
      alias,
      sequence: entry.sequence,
      kind: entry.kind,
      from_version: entry.from,
      to_version: entry.to,
      actor: entry.actor,
      approver: entry.approver,
      reason: entry.reason,
      at_ms: at,
    })
    .execute()
  if (move.to === null)
    await db.deleteFrom('model_aliases').where('model', '=', model).where('alias', '=', alias).execute()
  else if (actual === null)
    await db.insertInto('model_aliases').values({ model, alias, version: move.to, updated_ms: at }).execute()
  else
    await db
      .updateTable('model_aliases')
      .set({ version: move.to, updated_ms: at })
      .where('model', '=', model)
      .where('alias', '=', alias)
      .execute()
  return entry
}

async function currentVersion(db: RegistryDb, model: string, alias: string): Promise<number | null> {
  const row = await db
    .selectFrom('model_aliases')
    .select('version')
    .where('model', '=', model)
    .where('alias', '=', alias)
    .executeTakeFirst()
  return row?.version ?? null
}

function checkPromotable({ model, version, status, lifecycle, statusMessage }: ModelVersion): void {
  if (status === 'READY' && lifecycle === 'active') return
  const why = lifecycle === 'active' ? `failed its last check: ${statusMessage}` : `is ${lifecycle}`
  throw new MartletError(
    'VERSION_NOT_PROMOTABLE',
    `Version ${version} of model ${model} ${why}. Choose another version.`,
    {
      data: { model, version, status, lifecycle },
    },
  )
}

function noEarlierVersion(model: string, alias: string, moves: readonly AliasMove[]): MartletError {
  const live = moves.at(-1)?.to ?? null
  const past = new Set(moves.flatMap(({ to }) => (to === null || to === live ? [] : to)))
  const rolledBack = [...past].toSorted((left, right) => left - right)
  const name = `${model}@${alias}`
  const message =
    rolledBack.length > 0
      ? `${name} points to version ${live}, and no earlier version is left. A rollback does not return to a version that was rolled ` +
        `back (${rolledBack.join(', ')}): set the alias if that is what you mean.`
      : `${name} never pointed to a version${live === null ? '' : ` other than ${live}`}, so there is nothing to roll back to.`
  return new MartletError('NO_EARLIER_VERSION', message, { data: { model, alias, live, rolledBack } })
}

function aliasMoved({ model, alias, expect }: Move, actual: number | null): MartletError {
  return new MartletError(
    'ALIAS_MOVED',
    `${model}@${alias} points to ${actual ?? 'nothing'}, not to ${expect ?? 'nothing'} as expected. Look at its history, then decide again.`,
    {
      data: { model, alias, expected: expect, actual },
    },
  )
}
