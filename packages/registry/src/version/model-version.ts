import type { JsonValue } from '../store/json.ts'
import type { GoldenRows } from '../run/golden-rows.ts'
import type { ModelSignature } from '../signature/signature.ts'
import type { Trial } from '../run/trial.ts'

/** A registered version with all its evidence. Numbers count from 1 within a model and are never used again. */
export interface ModelVersion {
  readonly model: string
  readonly version: number
  /** FAILED: it ran when it was registered, but not in a later check. It gets no alias. */
  readonly status: 'READY' | 'FAILED'
  readonly statusMessage: string
  readonly lifecycle: 'active' | 'archived' | 'deleted'
  readonly artifact: {
    readonly sha256: string
    readonly bytes: number
    /** Of the file as the trainer exported it, before ZipMap was removed and weights of other files were put into it. */
    readonly sourceSha256: string
  }
  readonly service: { readonly name: string; readonly hash: string }
  readonly signature: ModelSignature
  readonly goldenRows: GoldenRows
  readonly trial: Trial
  readonly metrics: Readonly<Record<string, number>>
  readonly trainingSet: JsonValue
  /** The hash of each feature view that the model was trained on, by name. */
  readonly definitionHashes: Readonly<Record<string, string>>
  readonly tags: Readonly<Record<string, string>>
  /** Aliases that point here now. */
  readonly aliases: readonly string[]
  readonly description: string
  readonly source: string
  readonly runId: string
  readonly createdBy: string
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** A model as a whole. */
export interface RegisteredModel {
  readonly name: string
  readonly description: string
  readonly tags: Readonly<Record<string, string>>
  readonly aliases: Readonly<Record<string, number>>
  /** The newest version that is not deleted; null when there is none. */
  readonly latest: number | null
  readonly createdAt: Date
  readonly updatedAt: Date
}
