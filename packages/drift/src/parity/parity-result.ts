import type { ColumnType } from '@martlet/warehouse'

/** Why a value that was served is not what the definitions give now, the first that holds. */
export type ParityReason = 'definition' | 'ttl' | 'store behind' | 'late facts' | 'function' | 'unknown'

/** In the order in which they are looked for. */
export const parityReasons: readonly ParityReason[] = [
  'definition',
  'ttl',
  'store behind',
  'late facts',
  'function',
  'unknown',
]

/** How many values differ, by reason. */
export type ReasonCounts = Readonly<Partial<Record<ParityReason, number>>>

/** A value that was served and the one that the definitions give. */
export interface ParityExample {
  readonly keys: Readonly<Record<string, string>>
  /** When it was served, ISO 8601. */
  readonly time: string
  readonly requestId: string | null
  readonly version: number | null
  /** As text, of long ones the first 200 characters; null where it was missing. */
  readonly logged: string | null
  readonly recomputed: string | null
  readonly reason: ParityReason
}

/** A feature in one window. */
export interface FeatureParity {
  /** `view__feature` */
  readonly feature: string
  readonly type: ColumnType
  readonly compared: number
  readonly equal: number
  /** `equal / compared`. */
  readonly match: number
  /** The share that has to match, where reasons that are allowed count as a match. */
  readonly atLeast: number
  readonly passes: boolean
  readonly reasons: ReasonCounts
  /** Of numbers that differ, the mean absolute difference; null without any. */
  readonly meanDifference: number | null
  readonly largestDifference: number | null
  /** Of the newest window, a few of the differing values. */
  readonly examples: readonly ParityExample[]
}

/** A feature that is not compared, and why. */
export interface NotCompared {
  readonly feature: string
  readonly why: string
}

/** Logged vectors of one window against the same rows recomputed. */
export interface WindowParity {
  /** Predictions whose vectors were compared. */
  readonly rows: number
  /** Predictions of services that are not defined any more, or without a key of the type that it has now. */
  readonly skipped: number
  /** Worst first. */
  readonly features: readonly FeatureParity[]
  readonly notCompared: readonly NotCompared[]
}
