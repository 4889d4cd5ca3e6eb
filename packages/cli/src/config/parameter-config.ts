import { toMicros } from '@martlet/feature-store'
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

export function typeOf(parameter: ParameterConfig): ParameterType {
  return typeof parameter === 'string' ? parameter : parameter.type
}

/** Why a text is no value of a type; undefined when it is one. */
export function valueProblem(type: ParameterType, text: string): string | undefined {
  switch (type) {
    case 'date':
      return isDate(text) ? undefined : 'is no date; write it as 2026-06-01'
    case 'instant':
      return isInstant(text) ? undefined : 'is no instant; write it in UTC, as 2026-06-01T06:00:00Z'
    case 'integer':
      return /^-?\d{1,18}$/.test(text) ? undefined : 'is no whole number'
    case 'text':
      return text === '' ? 'is empty' : undefined
  }
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const at = Date.parse(text)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text)
}

function isInstant(text: string): boolean {
  try {
    return /^\d{4}-\d{2}-\d{2}T.*Z$/.test(text) && toMicros(text, 'a parameter') !== undefined
  } catch {
    return false
  }
}
