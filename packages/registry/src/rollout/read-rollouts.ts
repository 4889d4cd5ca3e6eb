import { MartletError } from '@martlet/warehouse'
import type { Selectable } from 'kysely'
import { readDocument } from '../store/documents.ts'
import type { RegistryDb } from '../store/store-dialect.ts'
import type { RegistryTables } from '../store/tables.ts'
import { requireModel } from '../version/read-versions.ts'
import type { Rollout } from './rollout.ts'

export interface RolloutFilter {
  readonly model?: string
  /** Only those that have not ended. @default false */
  readonly running?: boolean
}

/** Roll-outs that match, the newest of each model first. */
export async function listRollouts(db: RegistryDb, filter: RolloutFilter = {}): Promise<readonly Rollout[]> {
  let query = db.selectFrom('rollouts').selectAll()
  if (filter.model !== undefined) query = query.where('model', '=', filter.model)
  if (filter.running === true) query = query.where('state', '=', 'running')
  const rows = await query
    .orderBy('model')
    .orderBy('rollout', (order) => order.desc().nullsLast())
    .execute()
  return rows.map(toRollout)
}

/** One roll-out as it is now. */
export async function readRollout(
  db: RegistryDb,
  { model, rollout }: Pick<Rollout, 'model' | 'rollout'>,
): Promise<Rollout> {
  const row = await db
    .selectFrom('rollouts')
    .selectAll()
    .where('model', '=', model)
    .where('rollout', '=', rollout)
    .executeTakeFirstOrThrow()
  return toRollout(row)
}

/** The roll-out of a model that has not ended. */
export async function runningRollout(db: RegistryDb, model: string): Promise<Rollout | undefined> {
  const row = await db
    .selectFrom('rollouts')
    .selectAll()
    .where('model', '=', model)
    .where('state', '=', 'running')
    .executeTakeFirst()
  return row === undefined ? undefined : toRollout(row)
}

/**
 * The roll-out of a model that has not ended.
 *
 * @throws MartletError MODEL_NOT_FOUND when there is no such model
 * @throws MartletError ROLLOUT_NOT_RUNNING when it has none, or it has ended
 */
export async function requireRunning(db: RegistryDb, model: string): Promise<Rollout> {
  const running = await runningRollout(db, model)
  if (running !== undefined) return running
  await requireModel(db, model)
  const [last] = await listRollouts(db, { model })
  const why = last === undefined ? 'It never had one' : `Roll-out ${last.rollout} is ${last.state}: ${last.reason}`
  throw new MartletError('ROLLOUT_NOT_RUNNING', `Model ${model} has no running roll-out. ${why}.`, {
    data: { model, last: last?.rollout ?? null, state: last?.state ?? null },
  })
}

function toRollout(row: Selectable<RegistryTables['rollouts']>): Rollout {
  return {
    model: row.model,
    rollout: row.rollout,
    state: row.state,
    stable: { alias: row.stable_alias, version: row.stable_version },
    candidate: { alias: row.candidate_alias, version: row.candidate_version },
    steps: readDocument(row, 'steps'),
    guards: readDocument(row, 'guards'),
    step: row.step,
    stepSince: new Date(row.step_ms),
    revision: row.revision,
    actor: row.actor,
    approver: row.approver,
    reason: row.reason,
    startedAt: new Date(row.started_ms),
    changedAt: new Date(row.changed_ms),
  }
}
