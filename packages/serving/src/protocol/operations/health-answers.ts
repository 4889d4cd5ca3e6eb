import { z } from 'zod'
import type { ReadyAnswer } from '../../desk/readiness.ts'

export interface LiveAnswer {
  readonly live: true
}

export const liveAnswer: z.ZodType<LiveAnswer> = z.strictObject({ live: z.literal(true) })

export const readyAnswer: z.ZodType<ReadyAnswer> = z.strictObject({
  ready: z.boolean(),
  checks: z
    .record(z.string(), z.strictObject({ ok: z.boolean(), detail: z.string().optional() }))
    .meta({ description: '`catalog`, `online`, and `model:<name>` for every model with a champion.' }),
})
