import type { RolloutGuards, RolloutStep } from '../rollout/rollout.ts'
import type { VersionEvidence } from '../rollout/version-evidence.ts'
import type { GoldenRows } from '../run/golden-rows.ts'
import type { Trial } from '../run/trial.ts'
import type { ModelSignature } from '../signature/signature.ts'
import { reviveNumbers, type JsonValue } from './json.ts'

/** Documents that only the registry writes, so the name of a column tells what its text contains. */
export interface Documents {
  readonly signature: ModelSignature
  readonly golden_rows: GoldenRows
  readonly trial: Trial
  readonly metrics: Readonly<Record<string, number>>
  readonly training_set: JsonValue
  readonly definition_hashes: Readonly<Record<string, string>>
  readonly steps: readonly RolloutStep[]
  readonly guards: RolloutGuards
  readonly evidence: VersionEvidence
}

/** Reads a document from the row it is in. */
export function readDocument<C extends keyof Documents>(row: Readonly<Record<C, string>>, column: C): Documents[C] {
  return JSON.parse(row[column], reviveNumbers)
}
