import type { ArgumentsByKind } from './job-arguments.ts'
import type { JobKind } from './job-kinds.ts'

/** What a caller asks for. Arguments may be left out where none is needed. */
export type JobRequest = {
  readonly [K in JobKind]: {
    readonly kind: K
    /** A repeated request of the same caller with the same key is the same job. */
    readonly idempotencyKey?: string
  } & (object extends ArgumentsByKind[K]
    ? { readonly arguments?: ArgumentsByKind[K] }
    : { readonly arguments: ArgumentsByKind[K] })
}[JobKind]
