import type { Leaves, Sql } from '@martlet/warehouse'
import type { Floor } from '../compare/floor.ts'

/** What a model answers: a chance of yes, a number, or one of several classes. */
export type TruthTask = 'binary' | 'regression' | 'classes'

/** What a metric is computed from. */
export interface TruthRows {
  readonly leaves: Leaves
  readonly task: TruthTask
  /**
   * A relation of labelled predictions, with `side, w, dim, g` (which together name a group), `c` (the cluster of a row),
   * `y` (what happened) and `p` (what was predicted). Of chances `y` is 0 or 1.
   */
  readonly rows: Sql
  /** Chances from here on count as yes. */
  readonly threshold: number
}

/** One figure of how good predictions were. Adding one is a file with such an object and an entry in `list.ts`. */
export interface TruthMetric<Name extends string = string> {
  readonly name: Name
  /** In words, such as `mean absolute error`. */
  readonly word: string
  readonly tasks: readonly TruthTask[]
  readonly better: 'higher' | 'lower' | 'near zero'
  /** Whether it lies between 0 and 1, as a share of rows. */
  readonly isShare: boolean
  /** Whether it decides a verdict when no floors are given; otherwise it is shown. */
  readonly decides: boolean
  /** How much worse than the reference matters, and whether that is a share of the reference or a difference. */
  readonly floor: Floor & { readonly of: 'reference' | 'points' }
  /**
   * `(side, w, dim, g, c, rows_in, value, psi)`: the value of each group, and what each of its clusters contributes to it:
   * the first-order change of the value, so that its variance is the sum of their squares.
   */
  influence(of: TruthRows): Sql
}
