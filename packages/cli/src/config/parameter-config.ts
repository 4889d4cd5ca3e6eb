import { z } from 'zod'

/** What the value of a parameter is: a date such as `2026-06-01`, an instant of ISO 8601, a whole number, or text. */
export type ParameterType = 'date' | 'instant' | 'integer' | 'text'

/** A parameter that has a default may be left out; the default may use the parameters before it. */
export type ParameterConfig = ParameterType | { readonly type: ParameterType; readonly default: string }

/** By name, such as `reference-date`. */
export type ParameterConfigs = Readonly<Record<string, ParameterConfig>>

const types = ['date', 'instant', 'integer', 'text'] as const
const type = z.enum(types, { error: `must be one of ${types.join(', ')}` })

/** Options that every command has. */
const TAKEN = new Set(['config', 'json', 'events', 'verbose', 'wait', 'dry-run', 'help', 'version'])

const NAME = /^[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*$/

export const parameters: z.ZodType<ParameterConfigs> = z
  .record(
    z.string(),
    z.union([type, z.strictObject({ type, default: z.string() })], {
      error: `must be one of ${types.join(', ')}, or { type, default }`,
    }),
  )
  .superRefine((given, context) => {
    for (const name of Object.keys(given)) {
      const refuse = (message: string): void => context.addIssue({ code: 'custom', path: [name], message })
      if (!NAME.test(name)) refuse('must be words of small letters with - between, such as reference-date')
      else if (TAKEN.has(name)) refuse('is an option that every command has')
    }
  })
