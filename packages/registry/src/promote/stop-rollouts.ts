import type { RegistryContext } from '../registry-context.ts'
import type { AliasMove } from './alias-log.ts'

/** Stops the roll-out of an alias that is moved: it would compare other versions than those it was started for. */
export async function stopRollouts({ db }: Pick<RegistryContext, 'db'>, move: AliasMove): Promise<void> {
  const { model, alias, from, to, at, reason } = move
  const running = await db
    .selectFrom('rollouts')
    .select(['rollout', 'revision', 'stable_alias', 'candidate_alias'])
    .where('model', '=', model)
    .where('state', '=', 'running')
    .execute()
  for (const { rollout, revision, stable_alias, candidate_alias } of running) {
    if (alias !== stable_alias && alias !== candidate_alias) continue
    const why = `${alias} was moved from ${from ?? 'nothing'} to ${to ?? 'nothing'}: ${reason}`
    await db
      .updateTable('rollouts')
      .set({ state: 'stopped', revision: revision + 1, reason: why, changed_ms: at.getTime() })
      .where('model', '=', model)
      .where('rollout', '=', rollout)
      .execute()
  }
}
