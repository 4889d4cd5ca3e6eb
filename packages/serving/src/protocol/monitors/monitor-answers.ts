import type { Cause, Finding, MonitorState, Severity, Status, WindowSummary } from '@martlet/drift'
import { z } from 'zod'
import { cause, severity, status } from '../../desk/monitors/drift-result.ts'

/** A monitor and its latest window. */
export interface MonitorEntry {
  readonly name: string
  /** What needs a person: `critical`, `silent` (no run for three windows and two days), `warning` and `noRows` do. */
  readonly state: MonitorState
  readonly status: Status
  readonly severity: Severity
  readonly sentence: string
  /** Since when it alerts without a break; null: it does not. */
  readonly since: string | null
  readonly evaluatedAt: string
  /** The name of the reference profile. */
  readonly profile: string
  readonly window: { readonly from: string | null; readonly to: string | null; readonly rows: number } | null
}

export interface MonitorsAnswer {
  /** What needs a person first. */
  readonly monitors: readonly MonitorEntry[]
}

export interface MonitorAnswer extends MonitorEntry {
  /** What to do, in order. */
  readonly actions: readonly string[]
  /** Faults of the data in the latest window. */
  readonly findings: readonly Pick<Finding, 'kind' | 'column' | 'severity' | 'sentence'>[]
  /** Columns that changed in the latest window, in groups that moved together. */
  readonly causes: readonly Cause[]
  /** Of the latest run, oldest first. */
  readonly windows: readonly WindowSummary[]
}

const instant = z.iso.datetime()

const entry = {
  name: z.string(),
  state: z
    .enum(['critical', 'silent', 'warning', 'noRows', 'notEvaluated', 'waiting', 'ok'])
    .meta({ description: '`silent`: no run for three windows and two days. `noRows`: none in the latest window.' }),
  status,
  severity,
  sentence: z.string(),
  since: instant.nullable().meta({ description: 'Since when it alerts without a break.' }),
  evaluatedAt: instant,
  profile: z.string(),
  window: z.strictObject({ from: instant.nullable(), to: instant.nullable(), rows: z.int() }).nullable(),
}

export const monitorsAnswer: z.ZodType<MonitorsAnswer> = z.strictObject({
  monitors: z.array(z.strictObject(entry)).meta({ description: 'What needs a person first.' }),
})

export const monitorAnswer: z.ZodType<MonitorAnswer> = z.strictObject({
  ...entry,
  actions: z.array(z.string()).meta({ description: 'What to do, in order.' }),
  findings: z.array(
    z.strictObject({
      kind: z.string() as z.ZodType<Finding['kind']>,
      column: z.string().nullable(),
      severity,
      sentence: z.string(),
    }),
  ),
  causes: z.array(cause),
  windows: z.array(
    z.strictObject({
      from: instant.nullable(),
      to: instant.nullable(),
      rows: z.int(),
      status,
      severity,
      sentence: z.string(),
    }),
  ),
})
