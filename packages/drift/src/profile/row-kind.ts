/**
 * What the rows of a profile or of a comparison are. How many there are an hour says something only between rows of one kind: those of a
 * training set are as many as its spine asks for, feature rows one for each entity and grid time, predictions one for each request.
 */
export type RowKind = 'trainingSet' | 'featureRows' | 'predictions' | 'table'

/** The rows in which a view has no value at all: its entity was not found, or nothing is known of it. */
export interface ViewAbsence {
  readonly view: string
  /** The view's columns in the profile. */
  readonly columns: readonly string[]
  /** Rows of the reference in which all of them are null. */
  readonly absent: number
}
