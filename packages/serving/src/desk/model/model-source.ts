import type { FeatureValue, KeptValue, MaybePromise } from '@martlet/feature-store'
import type { EvidenceRecord, Rollout } from '@martlet/registry'
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

/** An input or output of a model file. */
export interface TensorSlot {
  readonly name: string
  readonly element: string
  /** Null in place of a size that may be any; null as a whole when the file does not say. */
  readonly shape: readonly (number | null)[] | null
}

/** Values of one input in row-major order, in the array of its element type; `bool` is one byte per value. */
export interface InputTensor {
  readonly element: string
  readonly dims: readonly number[]
  readonly data: ArrayBufferView | readonly string[]
}

/** A model's own tensors, past its features. */
export interface ModelTensors {
  readonly inputs: readonly TensorSlot[]
  /** `labels` are the classes of the columns, when the model file names them. */
  readonly outputs: readonly (TensorSlot & { readonly labels: readonly (string | number)[] | null })[]
  /** The number of rows that a run must have; null: any. */
  readonly batch: number | null
  /** Runs the model on all its inputs, which have the same number of rows. They belong to the model from then on. */
  run(feeds: Readonly<Record<string, InputTensor>>): Promise<Readonly<Record<string, OutputTensor>>>
}

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
  /** By output: the class that each column is the probability or score of. Absent when the file names none. */
  readonly classes?: Readonly<Record<string, readonly (string | number)[]>>
  /** Hash of each feature view it was trained on, by name. */
  readonly definitionHashes: Readonly<Record<string, string>>
  /**
   * Whether requests may share a run, because every row gets the same answer alone and among others, bit for bit. @default false
   */
  readonly sharesRuns?: boolean
  /** How many runs go on at once; further ones wait, and meanwhile their requests are collected. @default any number */
  readonly runsAtOnce?: number
  predict(vectors: FeatureMatrix): Promise<Readonly<Record<string, OutputTensor>>>
  /** Absent when it takes features only. */
  readonly tensors?: ModelTensors
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
  /** The file of a version that `versions` lists. Without it, files cannot be downloaded. */
  artifact?(model: string, version: number): Promise<Uint8Array>
  /** The moves of an alias, newest first. */
  history(model: string, alias: string): MaybePromise<readonly AliasMoveAnswer[]>
  /** The roll-outs that are running; read as often as the aliases. @default none */
  rollouts?(): MaybePromise<readonly Rollout[]>
  /** Stores what this process has seen of the versions of roll-outs, in place of what it stored before. @default nowhere */
  writeEvidence?(records: readonly EvidenceRecord[]): Promise<void>
}
