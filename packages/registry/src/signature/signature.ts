import type { ColumnType } from '@martlet/warehouse'
import type { TensorSpec } from '../artifact/onnx/tensor-graph.ts'

/**
 * What a missing feature becomes: `nan` in float inputs, a given value in others.
 * `refused`: the input cannot express "missing", so predicting without the feature is an error.
 */
export type NullPolicy =
  | { readonly kind: 'nan' }
  | { readonly kind: 'value'; readonly value: string | number | boolean }
  | { readonly kind: 'refused' }

/** How one field of the service's vector reaches the model. */
export interface FieldBinding {
  /** `view__feature` */
  readonly field: string
  readonly type: ColumnType
  readonly nullable: boolean
  /** What the model was trained with where the feature was missing, whatever the service says now. */
  readonly default?: string | number | boolean
  readonly input: string
  /** The column inside a [N, F] input; null when the field has an input of its own. */
  readonly column: number | null
  readonly nulls: NullPolicy
}

/** The bindings of a vector to a model's inputs, and a sentence for everything that does not fit. */
export interface Bound extends Pick<ModelSignature, 'layout' | 'fields'> {
  readonly differences: readonly string[]
}

/** An output, with the class labels of its columns when the exporter wrote them. */
export interface OutputSpec extends TensorSpec {
  readonly labels: readonly (string | number)[] | null
}

/** A model's inputs and outputs, read from its graph and bound to the fields of a feature service. */
export interface ModelSignature {
  /** `tensor`: one input of numbers [N, F] in vector order. `columns`: one input per field. */
  readonly layout: 'tensor' | 'columns'
  readonly inputs: readonly TensorSpec[]
  readonly outputs: readonly OutputSpec[]
  readonly fields: readonly FieldBinding[]
  /** The number of rows that a run must have, when the model fixes it; null: any. */
  readonly batch: number | null
  readonly opsets: Readonly<Record<string, number>>
}
