import type { ParameterConfigs } from './parameter-config.ts'
import type { ScheduleStep } from './schedule-config.ts'

/** Commands that `martlet run` runs one after the other, for values that are given with the command. */
export interface PipelineConfig {
  readonly name: string
  /** What `martlet run` is given: `{ 'reference-date': 'date' }` is `--reference-date 2026-06-01`. @default none */
  readonly parameters?: ParameterConfigs
  /** The IANA time zone in which days begin. @default 'UTC' */
  readonly zone?: string
  /**
   * The commands. `{reference-date}` is the value of a parameter; a date or an instant may be shifted, `{reference-date-6d}`, and
   * `{reference-date+1d:start}` is the instant at which that day begins on the zone's clock.
   */
  readonly run: readonly ScheduleStep[]
  /** How long one step may take. @default '6h' */
  readonly timeout?: string
}
