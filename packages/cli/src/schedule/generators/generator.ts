import type { Project } from '../../project/project.ts'
import type { Schedule, SlotClock } from '../schedule.ts'

export interface GeneratorInput {
  readonly schedules: readonly Schedule[]
  /** They are all schedules of the project. */
  readonly all: boolean
  readonly project: Pick<Project, 'config' | 'folder' | 'paths'>
  /** Times of cron on the clock of UTC, for either offset of the following year, and on the clock of the schedule's zone. */
  readonly times: {
    readonly utc: (clock: SlotClock) => readonly string[]
    readonly zoned: (clock: SlotClock) => readonly string[]
  }
  /** The beginning of the names of objects in Snowflake, and the image that jobs run. */
  readonly prefix: string
  readonly image: string
}

/** Writes schedules for another scheduler, which then calls `martlet run-due`. */
export interface Generator {
  /** The option that chooses it, without dashes. */
  readonly name: string
  /** The help of that option. */
  readonly about: string
  text(input: GeneratorInput): string
}
