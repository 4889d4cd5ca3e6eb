import type { z } from 'zod'

/** What a job may do, each as the command of the same name. */
export const JOB_KINDS = ['materialize', 'training-set', 'score', 'drift'] as const
export type JobKind = (typeof JOB_KINDS)[number]

/** A kind of job: one of Martlet, or one that a project declares. */
export type AnyJobKind = JobKind | (string & {})

/** A kind of job that a project declares beside those of Martlet. */
export interface DeclaredKind {
  /** Lower-case letters, digits and `-`. */
  readonly name: string
  readonly description?: string
  /** What its arguments must be: an object. */
  readonly input: z.ZodType<object>
  /** Of jobs that are asked for without one. @default 0 */
  readonly priority?: number
}

/** The most and, with a minus before it, the least that the priority of a job may be. */
export const MOST_PRIORITY = 100

export const JOB_STATES = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const

export function isJobKind(text: unknown): text is JobKind {
  return JOB_KINDS.some((kind) => kind === text)
}
