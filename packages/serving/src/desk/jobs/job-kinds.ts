/** What a job may do, each as the command of the same name. */
export const JOB_KINDS = ['materialize', 'training-set', 'score', 'drift'] as const
export type JobKind = (typeof JOB_KINDS)[number]

export const JOB_STATES = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const

export function isJobKind(text: unknown): text is JobKind {
  return JOB_KINDS.some((kind) => kind === text)
}
