import type { ColumnType } from '@martlet/warehouse'
import type { WeightCounts } from '../count/weigh-rows.ts'
import type { Metric } from '../compare/metric.ts'
import type { PerformanceEstimate } from '../estimate/performance-estimate.ts'
import type { ColumnProfile, ColumnRole, ReferenceProfile } from '../profile/reference-profile.ts'
import type { Separation } from '../joint/domain-classifier.ts'
import type { Move } from './move.ts'
import type { WindowParity } from '../parity/parity-result.ts'
import type { WindowPerformance } from '../truth/truth-result.ts'
import type { DriftPolicy } from './policy.ts'

/** The version of a result's shape. */
export const resultSchema = 'martlet.drift.result/2'

/** The outcome for a column, a window or a run. Only with `ok`, `warn` and `drift` was the data evaluated. */
export type Status = 'ok' | 'warn' | 'drift' | 'no_data' | 'too_few_rows' | 'not_evaluable' | 'late'

/** How urgent something is: `info` is worth knowing, `warn` worth a look today, `crit` worth waking somebody. */
export type Severity = 'none' | 'info' | 'warn' | 'crit'

/** What findings can be about. */
export const findingKinds = [
  'noRows',
  'rejectedLines',
  'leftOutRows',
  'absentRows',
  'nullRate',
  'nonFiniteRate',
  'unseen',
  'highCardinality',
  'sentinel',
  'future',
  'volume',
  'gap',
  'silentEntities',
  'dependentRows',
  'freshness',
  'typeChange',
  'uncountable',
  'missingColumn',
  'extraColumn',
  'joint',
  'calendar',
  'season',
  'reference',
  'performance',
  'missingLabels',
  'baseline',
  'estimatedPerformance',
  'parity',
] as const

export type FindingKind = (typeof findingKinds)[number]

/** A column, or a kind of finding about whatever column, that does not alert for a while. */
export type Mute = (MutedColumn | MutedFinding) & {
  /** ISO 8601. */
  readonly until: string
  readonly by: string
  readonly reason: string
}

export interface MutedColumn {
  readonly column: string
}

export interface MutedFinding {
  readonly finding: FindingKind
}

/** Something about the data itself rather than its distribution: shown first, because it explains most drift. */
export interface Finding {
  readonly kind: FindingKind
  /** Null for findings about the whole window. */
  readonly column: string | null
  /** The view of a finding about its rows. */
  readonly view?: string
  readonly severity: Severity
  readonly sentence: string
  readonly reference: number | null
  readonly current: number | null
  /** False-discovery-controlled chance; null for findings without a test. */
  readonly q: number | null
  /** Set where its column or its kind is muted and it would alert. */
  readonly muted?: Mute
}

/** A column in one window. */
export interface ColumnResult {
  readonly name: string
  readonly status: Status
  readonly severity: Severity
  /** The verdict in words. */
  readonly sentence: string
  /** The smallest p of the column's tests, Bonferroni-corrected for their number; null when there is none. */
  readonly p: number | null
  /** p after Benjamini-Hochberg over all columns of the window. */
  readonly q: number | null
  /** The largest debiased effect of the deciding metrics, in multiples of its practical floor; from 1 on it matters. */
  readonly excess: number | null
  /** Where its values went; null when that cannot be said. */
  readonly move?: Move | null
  readonly values: number
  /** How many independent rows the values of both sides are worth; null or absent when each row counts as one. */
  readonly effective?: { readonly reference: number; readonly current: number } | null
  /** Among the rows that have a value of the column's view, where both sides count those. */
  readonly nullRate: number | null
  readonly metrics: readonly Metric[]
  /** Counts on the column's cells, see {@link ColumnFacts}; empty in older windows, unless the column changed since. */
  readonly counts: readonly number[]
  /** Set where the column is muted and would alert. */
  readonly muted?: Mute
}

/** Columns that moved together, or that a fault of the data explains, as one finding with what they have in common. */
export interface Cause {
  /** The group in words: how many columns, what they follow and by how much it moved. */
  readonly sentence: string
  readonly severity: Severity
  /** The fault of the data that explains the group; absent when its values moved. */
  readonly fault?: FindingKind
  /** The column that moved furthest over its floor; of a fault, its first column. */
  readonly head: string
  /** All of the group, the head first, then by how far they moved. */
  readonly columns: readonly string[]
  /** The share of the window's changed columns that are in the group; 0 of a fault that changed nothing else. */
  readonly share: number
  /** What all of them are computed from, by lineage; null when nothing is known of it. */
  readonly source: {
    readonly table: string
    readonly columns: readonly string[]
    readonly views: readonly string[]
  } | null
}

/** Whether all columns together tell rows of the window from reference rows, see {@link Separation}. */
export interface JointResult extends Separation {
  readonly severity: Severity
  readonly sentence: string
}

/** One window `[from, to)`; both null when all rows of the relation were taken as one window. */
export interface WindowResult {
  readonly from: string | null
  readonly to: string | null
  readonly rows: number
  /** By what the rows count, and those that do not; absent where each row counts as one. */
  readonly weights?: WeightCounts & { readonly column: string }
  /** What it was compared with, where each window has a reference of its own. */
  readonly reference?: ComparedWith
  readonly status: Status
  readonly severity: Severity
  readonly sentence: string
  readonly findings: readonly Finding[]
  /** Faults of the data, then the changed columns in groups, worst first; each changed column is in one. */
  readonly causes: readonly Cause[]
  readonly columns: readonly ColumnResult[]
  /** Absent when columns were only compared one by one. */
  readonly joint?: JointResult
  /** How well the model probably does, without labels, when the run was asked for it. */
  readonly estimate?: PerformanceEstimate
  /** How good predictions turned out to be; only where a monitor compares them with labels. */
  readonly performance?: WindowPerformance
  /** Whether served vectors are what the definitions give; only where a monitor compares them. */
  readonly parity?: WindowParity
}

/** What a window was compared with. */
export interface ComparedWith {
  readonly sentence: string
  /** The rows that the reference counts for: of rows that are weighted, fewer than there are. */
  readonly rows: number
  readonly from: string | null
  readonly to: string | null
  /** From how many reference windows floors were learnt; 0: they are the policy's. */
  readonly learntFrom: number
}

/** A column's cells, and what the reference has in them. */
export interface ColumnFacts {
  readonly name: string
  readonly type: ColumnType
  readonly kind: ColumnProfile['kind']
  readonly role: ColumnRole
  readonly importance: number
  /** Upper edges of right-closed cells for numbers, one fewer than cells. */
  readonly edges: readonly number[]
  /** Names of cells for categories. */
  readonly labels: readonly string[]
  readonly reference: readonly number[]
  readonly nullRate: number
  readonly origin: string | null
}

/** A statement that reproduces the counts that the report shows. */
export interface Reproduction {
  readonly column: string
  readonly sql: string
}

/** Everything that a report contains; each format renders this. */
export interface DriftResult {
  readonly schema: typeof resultSchema
  readonly monitor: string
  readonly evaluatedAt: string
  readonly profile: Pick<ReferenceProfile, 'name' | 'createdAt' | 'rows' | 'time'>
  readonly policy: DriftPolicy
  /** Of the latest window. */
  readonly status: Status
  readonly severity: Severity
  readonly exitCode: 0 | 1 | 2 | 3
  readonly sentence: string
  /** The start of the alerting windows that continue without a break to the latest; null when that does not alert. */
  readonly since: string | null
  /** Columns to look at, worst first. */
  readonly lookAt: readonly string[]
  readonly columns: readonly ColumnFacts[]
  /** Oldest first. */
  readonly windows: readonly WindowResult[]
  readonly sql: readonly Reproduction[]
}
