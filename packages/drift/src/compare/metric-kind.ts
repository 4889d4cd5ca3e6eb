import type { ColumnProfile } from '../profile/reference-profile.ts'
import type { Floor } from './floor.ts'
import type { Measurement } from './measurement.ts'
import type { CategorySides, NumberSides } from './sides.ts'

export type ColumnKind = ColumnProfile['kind']

/** All that a metric is: how it is measured, what rests on it, and how reports write it. */
export interface MetricKind<Name extends string = string> {
  /** Its name in results, policies and tables. */
  readonly name: Name
  /** Its name as people write it. */
  readonly word: string
  /** How it is measured, by the kinds of column that have it; null when there is nothing to report. */
  readonly measure: {
    readonly number?: (sides: NumberSides) => Measurement | null
    readonly category?: (sides: CategorySides) => Measurement | null
  }
  /** The kinds of column that its effect decides, and the floor that it must reach by default. */
  readonly decides?: {
    readonly kinds: readonly ColumnKind[]
    readonly floor: Floor
    /** Whether it grows with the square of a small change rather than with the change. @default false */
    readonly squared?: boolean
  }
  /** The kinds of column whose p comes from it. */
  readonly tests?: readonly ColumnKind[]
  /** What it is measured in. @default a share or an index, without a unit */
  readonly unit?: 'σ' | 'column'
  /** Counts are exact; the last digits of sums differ from run to run and are rounded away. */
  readonly madeOf: 'counts' | 'sums'
}

/** A metric on which a verdict can rest. */
export interface DecidingMetricKind<Name extends string = string> extends MetricKind<Name> {
  readonly decides: NonNullable<MetricKind['decides']>
}
