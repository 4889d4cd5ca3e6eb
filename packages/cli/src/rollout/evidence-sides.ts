import {
  mergedEvidence,
  type EvidenceRecord,
  type Rollout,
  type RolloutSide,
  type VersionEvidence,
} from '@martlet/registry'

/** What all processes have seen of both versions, as far as they can be compared. */
export interface EvidenceSides {
  readonly stable: VersionEvidence
  readonly candidate: VersionEvidence
}

/** Requests of the stable version with which a step is enough for itself. */
const ENOUGH = 500

/**
 * The evidence of the present step. Where the stable version answers few requests in it, as at a weight of 100, what it answered in
 * earlier steps counts too; not that of shadow steps, whose latencies are those of the model alone.
 */
export function evidenceSides({ step, steps }: Rollout, records: readonly EvidenceRecord[]): EvidenceSides {
  const of = (side: RolloutSide, index: number): VersionEvidence =>
    mergedEvidence(
      records.filter((record) => record.side === side && record.step === index).map(({ evidence }) => evidence),
    )
  let stable = of('stable', step)
  for (let index = step - 1; index >= 0 && stable.requests < ENOUGH; index--)
    if (steps[index]?.shadow === steps[step]?.shadow) stable = mergedEvidence([stable, of('stable', index)])
  return { stable, candidate: of('candidate', step) }
}
