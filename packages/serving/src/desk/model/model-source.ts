import type { FeatureValue, KeptValue, MaybePromise } from '@martlet/feature-store'
import type { ColumnType } from '@martlet/warehouse'
import type { AliasMoveAnswer, ModelSummary, VersionAnswer } from './registered-model.ts'

/** One output of a run: row-major values, `dims[0]` rows. */
export interface OutputTensor {
  readonly element: string
  readonly dims: readonly number[]
  readonly data: ArrayLike<number | bigint | string>
}

/** Feature values of some rows in vector order, such as an online reader returns. */
export interface FeatureMatrix {
  readonly rows: number
  value(row: number, field: number): FeatureValue
  fill?(field: number, target: Float32Array | Float64Array, offset: number, stride: number): void
}

/** What replaces a missing value: NaN, a given value, or nothing, so that the row cannot be predicted. */
export type MissingPolicy = 'nan' | 'value' | 'refused'

/** A model in memory, ready to run. */
export interface ServableModel {
  readonly model: string
  readonly version: number
  readonly sha256: string
  /** The feature service whose vector it takes. */
  readonly service: string
  /** Names (`view__feature`) in vector order. */
  readonly fields: readonly {
    readonly field: string
    readonly type: ColumnType
    readonly missing: MissingPolicy
    /** What it was trained with where the feature was missing, whatever its service says now. */
    readonly default?: KeptValue
  }[]
  /** Hash of each feature view it was trained on, by name. */
  readonly definitionHashes: Readonly<Record<string, string>>
  /**
   * Whether requests may share a run, because every row gets the same answer alone and among others, bit for bit. @default false
   */
  readonly sharesRuns?: boolean
  /** How many runs go on at once; further ones wait, and meanwhile their requests are collected. @default any number */
  readonly runsAtOnce?: number
  predict(vectors: FeatureMatrix): Promise<Readonly<Record<string, OutputTensor>>>
  release(): Promise<void>
}

export interface AliasTarget {
  readonly model: string
  readonly alias: string
  readonly version: number
}

/** Where serving gets its models. */
export interface ModelSource {
  /** What every alias names now. Called every few seconds, so it must be cheap. */
  aliases(): MaybePromise<readonly AliasTarget[]>
  /** Reads, verifies and prepares a version. The caller releases it. */
  load(model: string, version: number): Promise<ServableModel>
  models(): MaybePromise<readonly ModelSummary[]>
  /** The versions of a model, newest first; undefined when there is no such model. */
  versions(model: string): MaybePromise<readonly VersionAnswer[] | undefined>
  /** The moves of an alias, newest first. */
  history(model: string, alias: string): MaybePromise<readonly AliasMoveAnswer[]>
}
