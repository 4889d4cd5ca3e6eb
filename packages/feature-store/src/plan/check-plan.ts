/** What a check that fails does, unless a configuration says otherwise; `off` is not even looked for. */
export type CheckSeverity = 'error' | 'warn' | 'off'

/** A business rule of a table. What its kind adds is known to `vocabulary/checks`. */
export interface CheckPlan {
  readonly kind: string
  readonly name: string
  readonly severity: CheckSeverity
}
