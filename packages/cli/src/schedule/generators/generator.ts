import type { Project } from '../../project/project.ts'
import type { Schedule } from '../schedule.ts'

export interface GeneratorInput {
  readonly schedules: readonly Schedule[]
  /** They are all schedules of the project. */
  readonly all: boolean
  readonly project: Pick<Project, 'config' | 'folder' | 'paths'>
  /** Milliseconds since the epoch: offsets from UTC are those of the following year. */
  readonly now: number
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
