/** Times are milliseconds since the epoch; documents are JSON text (see `json.ts`). */
export type RegistryTables = {
  registered_models: { name: string; description: string; created_ms: number; updated_ms: number }
  model_versions: {
    model: string
    version: number
    /** Random; finds the row that one insert made. */
    registration: string
    /** SHA-256 over artifact, signature and service: registering the same again finds this version. */
    fingerprint: string
    status: 'READY' | 'FAILED'
    status_message: string
    lifecycle: 'active' | 'archived' | 'deleted'
    lifecycle_ms: number
    lifecycle_actor: string
    lifecycle_reason: string
    artifact_sha256: string
    artifact_bytes: number
    source_sha256: string
    service: string
    service_hash: string
    signature: string
    golden_rows: string
    trial: string
    metrics: string
    training_set: string
    definition_hashes: string
    description: string
    source: string
    run_id: string
    created_by: string
    created_ms: number
    updated_ms: number
  }
  /** Version 0 stands for the model itself. */
  model_tags: { model: string; version: number; tag: string; value: string }
  model_aliases: { model: string; alias: string; version: number; updated_ms: number }
  /** Append-only. `sequence` counts 1, 2, 3 … per alias; `from_version` is `to_version` of the row before. */
  model_alias_moves: {
    model: string
    alias: string
    sequence: number
    kind: 'set' | 'unset' | 'rollback' | 'rollout'
    from_version: number | null
    to_version: number | null
    actor: string
    approver: string | null
    reason: string
    at_ms: number
  }
  /** `rollout` counts 1, 2, 3 … per model; at most one of a model is running. `revision` grows with every change. */
  rollouts: {
    model: string
    rollout: number
    state: 'running' | 'done' | 'rolled back' | 'stopped'
    stable_alias: string
    candidate_alias: string
    stable_version: number
    candidate_version: number
    steps: string
    guards: string
    step: number
    step_ms: number
    revision: number
    actor: string
    approver: string | null
    reason: string
    started_ms: number
    changed_ms: number
  }
  /** What one process has seen of one version since a step began; only that process writes the row. */
  rollout_evidence: {
    model: string
    rollout: number
    step: number
    side: 'stable' | 'candidate'
    writer: string
    evidence: string
    at_ms: number
  }
}
