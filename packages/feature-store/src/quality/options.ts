/**
 * What a finding does: `error` stops the run before anything is written, `warn` is reported, `off` is not even looked
 * for.
 */
export type Severity = 'error' | 'warn'

export interface QualityOptions {
  /**
   * By `table.column.check` or `table.check`, as findings are named: `{ 'mart.fact_energy_usage.kwh.range': 'warn'
   * }`.
   */
  readonly severity?: Readonly<Record<string, Severity | 'off'>>
  /**
   * The newest event may be this many times `every` old, beyond the view's delay, and an entity's newest this many
   * times `every` older than the newest of all.
   * @default 3
   */
  readonly staleAfter?: number
  /** Leaves out example values, for columns that must not appear in logs. @default false */
  readonly redact?: boolean
}
