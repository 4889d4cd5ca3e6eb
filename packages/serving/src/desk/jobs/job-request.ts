import type { ArgumentsOf } from './job-arguments.ts'
import type { JobKind } from './job-kinds.ts'

/** What a caller asks for. Arguments may be left out where none is needed. */
export type JobRequest<K extends string = JobKind> = K extends unknown
  ? {
      readonly kind: K
      /** A repeated request of the same caller with the same key is the same job. */
      readonly idempotencyKey?: string
      /** From -100 to 100; the higher, the sooner. @default that of the kind, mostly 0 */
      readonly priority?: number
    } & (object extends ArgumentsOf<K>
      ? { readonly arguments?: ArgumentsOf<K> }
      : { readonly arguments: ArgumentsOf<K> })
  : never
