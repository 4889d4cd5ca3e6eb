/** How often a schedule runs. Minutes divide an hour and hours a day, so slots are the same on every day. */
export type ScheduleInterval = `${5 | 10 | 15 | 20 | 30}m` | `${1 | 2 | 3 | 4 | 6 | 8 | 12}h` | '1d' | '1w' | 'month'

export type Weekday = 'monday' | 'tuesday' | 'wednesday' | 'thursday' | 'friday' | 'saturday' | 'sunday'

/** A command without `martlet`: `'materialize customer_usage'`, or its words in an array. */
export type ScheduleStep = string | readonly string[]

/** Commands that run by themselves; `martlet run-due` runs what is due. */
export interface ScheduleConfig {
  /** What its slots are kept under. */
  readonly name: string
  readonly every: ScheduleInterval
  /** `HH:MM` on the clock of `zone`; of hours and minutes, one of the times. @default '00:00' */
  readonly at?: string
  /** The weekday of `1w` (Monday by default), or the day of a `month`, 1 to 28 (the first by default). */
  readonly on?: Weekday | number
  /** The IANA time zone of `at` and of the days. @default 'UTC' */
  readonly zone?: string
  /**
   * The commands, one after the other. `{due}` is the slot, `{day}` the midnight before it and `{date}` that day, each
   * also shifted: `{day-1d}`.
   */
  readonly run: readonly ScheduleStep[]
  /**
   * What becomes of slots that nobody ran in time: the newest is run (`once`), all of them in order (`each`), or none
   * that is later than `grace` (`skip`). @default 'once'
   */
  readonly missed?: 'once' | 'each' | 'skip'
  /** How late a slot may begin with `missed: 'skip'`. @default '15m' */
  readonly grace?: string
  /** Slots before this instant do not exist. @default the newest slot at the first run */
  readonly since?: string
  /** How long one step may take. @default '6h' */
  readonly timeout?: string
  /** How often a step that failed is tried again. @default 0 */
  readonly retries?: number
  /** How long after it failed. @default '30s' */
  readonly retryAfter?: string
  /** Whether the steps behind one that failed still run. @default 'stop' */
  readonly onFailure?: 'stop' | 'continue'
}

export const weekdays: readonly Weekday[] = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
]

/** The words of a command; a string has them between spaces. */
export function wordsOf(step: ScheduleStep): readonly string[] {
  return typeof step === 'string' ? step.split(/\s+/).filter((word) => word !== '') : step
}
