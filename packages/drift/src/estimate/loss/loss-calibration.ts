import type { BoostedTrees } from './boosted-trees.ts'

export type LossMetric = 'mae' | 'rmse'

/** A feature as trees read it: a number, or for a category its place in `values`. */
export interface LossFeature {
  readonly name: string
  /** The least and greatest number of the reference; null for a category. */
  readonly range: readonly [number, number] | null
  /** Values of a category, those with the smallest errors first; null for a number. */
  readonly values: readonly string[] | null
  /** Whether `values` are all that the reference had. */
  readonly complete: boolean
}

/** What one kind of loss (|error| or error²) is expected to be. */
export interface ExpectedLoss {
  readonly trees: BoostedTrees
  /** Makes the mean over the whole reference right, of which the trees know a sample. */
  readonly scale: number
  /** The mean that trees expect of the reference, and how wrong differences from it may be, as a share: a standard error. */
  readonly centre: number
  /** How wrong the mean of the reference may be, as a share: a standard error. */
  readonly levelError: number
  readonly slopeError: number
  /** Mean of (loss − expected)² over the mean of expected², on rows held out. */
  readonly noise: number
  /** How far stretches held out were from what the others led to expect, beyond chance, as a share; null without a time. */
  readonly unsteady: { readonly blocks: number; readonly spread: number } | null
}

/** How the errors of a regression depend on its features in the reference; small, and kept with its profile. */
export interface LossCalibration {
  readonly kind: 'regression'
  readonly label: string
  readonly prediction: string
  /** Rows with a label and a prediction, and how many of them the trees were fitted to. */
  readonly rows: number
  readonly sampled: number
  /** The prediction is the first. */
  readonly features: readonly LossFeature[]
  readonly absolute: ExpectedLoss
  readonly squared: ExpectedLoss
  /** On the reference, by its labels. */
  readonly performance: Readonly<Record<LossMetric, number>>
}
