/** What an alias names. */
export interface AliasAnswer {
  readonly alias: string
  readonly version: number
}

export interface ModelSummary {
  readonly name: string
  readonly aliases: readonly AliasAnswer[]
  /** Absent, like all that follows, where the source does not know it. */
  readonly description?: string
  readonly tags?: Readonly<Record<string, string>>
  readonly createdAt?: string
  readonly updatedAt?: string
}

export interface VersionSummary {
  readonly version: number
  readonly sha256: string
  readonly service: string
  /** FAILED: a check could no longer run it, so no alias can name it. */
  readonly status: 'READY' | 'FAILED'
  readonly lifecycle: 'active' | 'archived' | 'deleted'
  readonly aliases: readonly string[]
  readonly createdAt: string
}

type Shape = readonly (number | string | null)[] | null

/** A registered version with its signature. */
export interface VersionAnswer extends VersionSummary {
  readonly model: string
  readonly description: string
  readonly tags: Readonly<Record<string, string>>
  readonly createdBy: string
  /** Absent, like `runId` and `bytes`, where the source does not know it. */
  readonly updatedAt?: string
  /** The training run; empty when it was not named. */
  readonly runId?: string
  /** Size of the file. */
  readonly bytes?: number
  readonly metrics: Readonly<Record<string, number>>
  readonly inputs: readonly { readonly name: string; readonly type: string; readonly shape: Shape }[]
  /** `labels` are the classes of the columns, when the model file names them. */
  readonly outputs: readonly {
    readonly name: string
    readonly type: string
    readonly shape: Shape
    readonly labels: readonly (string | number)[] | null
  }[]
  /** In vector order. `missing` says what happens to a missing value: NaN, a substitute, or a refusal. */
  readonly features: readonly {
    readonly name: string
    readonly type: string
    readonly missing: 'nan' | 'value' | 'refused'
  }[]
}

/** One move of an alias. */
export interface AliasMoveAnswer {
  /** `rollout`: it stays; a roll-out of its version began, changed or ended. */
  readonly kind: 'set' | 'unset' | 'rollback' | 'rollout'
  readonly from: number | null
  readonly to: number | null
  readonly at: string
  readonly actor: string
  readonly approver: string | null
  readonly reason: string
}
