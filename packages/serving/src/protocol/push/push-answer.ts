import type { Taken } from '@martlet/feature-store'
import { z } from 'zod'

export interface PushAnswer {
  /** Events that were taken. */
  readonly accepted: number
  /** Events that had been taken before. */
  readonly repeated: number
  /** Events that are not valid; they are kept in the quarantine. */
  readonly rejected: readonly {
    readonly index: number
    readonly reasons: readonly { readonly path: string; readonly message: string }[]
  }[]
  /** The newest position of the source. */
  readonly position: number
}

export const pushAnswer: z.ZodType<PushAnswer> = z.strictObject({
  accepted: z.int().meta({ description: 'Events that were taken.' }),
  repeated: z.int().meta({ description: 'Events that had been taken before, by their ids.' }),
  rejected: z
    .array(
      z.strictObject({
        index: z.int().meta({ description: 'Its place among the events of the request.' }),
        reasons: z.array(z.strictObject({ path: z.string(), message: z.string() })),
      }),
    )
    .meta({ description: 'Events that are not valid. They are kept in the quarantine, and need not be sent again.' }),
  position: z.int().meta({ description: 'The newest position of the source.' }),
})

export function pushAnswerOf({ position, ...taken }: Taken): PushAnswer {
  return { ...taken, position: Number(position) }
}
