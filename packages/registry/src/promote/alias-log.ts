import { MartletError } from '@martlet/warehouse'
import type { Selectable } from 'kysely'
import type { RegistryContext } from '../registry-context.ts'
import { requireModel } from '../version/read-versions.ts'
import type { RegistryDb } from '../store/store-dialect.ts'
import type { RegistryTables } from '../store/tables.ts'
import { checkAliasName } from '../version/names.ts'

/** One entry of the append-only log. */
export interface AliasMove {
  readonly model: string
  readonly alias: string
  /** Counts 1, 2, 3 … per alias. */
  readonly sequence: number
  /** `rollout`: the alias stays where it is; a roll-out of its version began, changed or ended. */
  readonly kind: 'set' | 'unset' | 'rollback' | 'rollout'
  /** Null: the alias pointed to nothing. */
  readonly from: number | null
  readonly to: number | null
  readonly actor: string
  readonly approver: string | null
  readonly reason: string
  readonly at: Date
}

export interface AliasHistory {
  /** The version that the alias pointed to at that instant; null: none. */
  readonly live: number | null
  /** Every move up to that instant, oldest first. */
  readonly moves: readonly AliasMove[]
}

/**
 * What an alias pointed to, now or at an instant (a move counts from its own millisecond on), and the moves that led there.
 *
 * @throws MartletError TIME_INVALID when `at` is not a valid date
 * @throws MartletError NAME_INVALID when the alias is not a valid name
 * @throws MartletError MODEL_NOT_FOUND when there is no such model
 */
export async function aliasHistory(
  { db }: Pick<RegistryContext, 'db'>,
  model: string,
  alias: string,
  options: { readonly at?: Date } = {},
): Promise<AliasHistory> {
  checkAliasName(alias)
  const { at } = options
  if (at !== undefined && Number.isNaN(at.getTime()))
    throw new MartletError(
      'TIME_INVALID',
      `The history of ${model}@${alias} cannot be read: \`at\` is not a valid date. Pass a Date with a time.`,
      {
        data: { model, alias },
      },
    )
  await requireModel(db, model)
  const all = await readMoves(db, model, alias)
  const moves = at === undefined ? all : all.filter((move) => move.at.getTime() <= at.getTime())
  return { live: moves.at(-1)?.to ?? null, moves }
}

export async function readMoves(db: RegistryDb, model: string, alias: string): Promise<readonly AliasMove[]> {
  const rows = await db
    .selectFrom('model_alias_moves')
    .selectAll()
    .where('model', '=', model)
    .where('alias', '=', alias)
    .orderBy('sequence')
    .execute()
  return rows.map(toMove)
}

export async function readLastMove(db: RegistryDb, model: string, alias: string): Promise<AliasMove | undefined> {
  const row = await db
    .selectFrom('model_alias_moves')
    .selectAll()
    .where('model', '=', model)
    .where('alias', '=', alias)
    .orderBy('sequence', (order) => order.desc().nullsLast())
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? undefined : toMove(row)
}

function toMove(row: Selectable<RegistryTables['model_alias_moves']>): AliasMove {
  return {
    model: row.model,
    alias: row.alias,
    sequence: row.sequence,
    kind: row.kind,
    from: row.from_version,
    to: row.to_version,
    actor: row.actor,
    approver: row.approver,
    reason: row.reason,
    at: new Date(row.at_ms),
  }
}

/**
 * The version that a rollback returns to: the one that was live before the present one. A second rollback goes one version
 * further back, never forward again; after an alias was removed, its last version comes back. Undefined when there is none.
 */
export function rollbackTarget(moves: readonly AliasMove[]): number | undefined {
  const live: number[] = []
  for (const { kind, to } of moves) {
    if (kind === 'rollback' && to !== null) {
      const before = live.lastIndexOf(to)
      live.length = before === -1 ? 0 : before
    }
    if (to !== null && live.at(-1) !== to) live.push(to)
  }
  return moves.at(-1)?.to === null ? live.at(-1) : live.at(-2)
}
