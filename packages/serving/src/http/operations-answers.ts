import { z } from 'zod'

export interface LiveAnswer {
  readonly live: true
}

/** One thing that must work for the server to be of use. */
export interface ReadyCheck {
  readonly ok: boolean
  /** What is wrong, or what is worth knowing although it works. */
  readonly detail?: string | undefined
}

export interface ReadyAnswer {
  readonly ready: boolean
  readonly checks: Readonly<Record<string, ReadyCheck>>
}

export const liveAnswer: z.ZodType<LiveAnswer> = z.strictObject({ live: z.literal(true) })

export const readyAnswer: z.ZodType<ReadyAnswer> = z.strictObject({
  ready: z.boolean(),
  checks: z
    .record(z.string(), z.strictObject({ ok: z.boolean(), detail: z.string().optional() }))
    .meta({ description: '`catalog`, `online`, and `model:<name>` for every model with a champion.' }),
})
