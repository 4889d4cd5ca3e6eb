import type { RowEffects } from './group-effects.ts'

/**
 * What the rows of a profile or of a comparison are. Rows per hour can be compared only between rows of one kind: a training
 * set has as many as its spine asks for, feature rows are one per entity and grid time, predictions one per request.
 */
export type RowKind = 'trainingSet' | 'featureRows' | 'predictions' | 'table'

/** The rows in which a view has no value at all: its entity was not found, or nothing is known about it. */
export interface ViewAbsence {
  readonly view: string
  /** The view's columns in the profile. */
  readonly columns: readonly string[]
  /** Rows of the reference in which all of them are null. */
  readonly absent: number
  /** How alike rows are in having no value of the view. */
  readonly effects?: RowEffects
}
