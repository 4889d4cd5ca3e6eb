import type { Registry, Rollout } from '@martlet/registry'
import { MartletError } from '@martlet/warehouse'
import { judge, type Verdict } from './judge.ts'

/** What one round did with one roll-out. */
export interface RoundResult extends Verdict {
  /** As it is after the round. */
  readonly rollout: Rollout
  /** Why the decision was not carried out: somebody else was faster, or the policy refuses the promotion. */
  readonly refused: string | null
}

const REFUSALS: ReadonlySet<string> = new Set([
  'ROLLOUT_CHANGED',
  'ROLLOUT_NOT_RUNNING',
  'ALIAS_MOVED',
  'PROMOTION_REFUSED',
  'VERSION_NOT_PROMOTABLE',
])

/**
 * Looks at the running roll-outs once and makes what follows from their evidence. Everything it knows is in the registry, so that it
 * can be killed at any moment, and any number of processes may do it at once: each change is made by one of them.
 */
export async function runRound(
  registry: Pick<Registry, 'rollouts'>,
  { models, actor, now }: { readonly models: readonly string[]; readonly actor: string; readonly now: number },
): Promise<readonly RoundResult[]> {
  const { rollouts } = registry
  const results: RoundResult[] = []
  for (const rollout of await rollouts.list({ running: true })) {
    const { model, revision } = rollout
    if (models.length > 0 && !models.includes(model)) continue
    const verdict = judge(rollout, await rollouts.evidence(rollout), now)
    if (verdict.decision === 'wait') {
      results.push({ ...verdict, rollout, refused: null })
      continue
    }
    const change = { reason: verdict.sentence, actor, expect: revision }
    try {
      const changed = await (verdict.decision === 'back'
        ? rollouts.rollBack(model, change)
        : rollouts.advance(model, change))
      results.push({ ...verdict, rollout: changed, refused: null })
    } catch (error) {
      if (!(error instanceof MartletError && REFUSALS.has(error.code))) throw error
      results.push({ ...verdict, rollout, refused: error.message })
    }
  }
  return results
}
