import type { RegistryContext } from '../registry-context.ts'
import { advanceRollout, endRollout, type ChangeRollout } from './change-rollout.ts'
import { readEvidence, writeEvidence, type EvidenceRecord } from './evidence.ts'
import { listRollouts, type RolloutFilter } from './read-rollouts.ts'
import type { Rollout } from './rollout.ts'
import { startRollout, type StartRollout } from './start-rollout.ts'

/** One version takes over the requests of another, step by step. A model has at most one running roll-out. */
export interface Rollouts {
  /** Roll-outs that match, the newest of each model first. With `running`, one small query. */
  list(filter?: RolloutFilter): Promise<readonly Rollout[]>
  /** Starts with the first step. */
  start(model: string, options: StartRollout): Promise<Rollout>
  /** Begins the next step; after the last one, promotes the candidate. */
  advance(model: string, options: ChangeRollout): Promise<Rollout>
  /** Ends it because the candidate is not good enough: all requests go to the stable version. */
  rollBack(model: string, options: ChangeRollout): Promise<Rollout>
  /** Ends it for another reason: all requests go to the stable version. */
  stop(model: string, options: ChangeRollout): Promise<Rollout>
  /** Stores what a process has seen of the versions of roll-outs, in place of what it stored before. */
  writeEvidence(records: readonly EvidenceRecord[]): Promise<void>
  /** What all processes have stored about a roll-out. */
  evidence(of: Pick<Rollout, 'model' | 'rollout'>): Promise<readonly EvidenceRecord[]>
}

export function rolloutsOf(context: RegistryContext): Rollouts {
  return {
    list: (filter) => listRollouts(context.db, filter),
    start: (model, options) => startRollout(context, model, options),
    advance: (model, options) => advanceRollout(context, model, options),
    rollBack: (model, options) => endRollout(context, model, 'rolled back', options),
    stop: (model, options) => endRollout(context, model, 'stopped', options),
    writeEvidence: (records) => writeEvidence(context, records),
    evidence: (of) => readEvidence(context, of),
  }
}
