import { toMicros } from '@martlet/feature-store'
import { MartletError, sql, type Leaves, type Sql } from '@martlet/warehouse'
import type { ParameterConfig, ParameterConfigs, ParameterType } from '../config/parameter-config.ts'
import { suggestion } from '../config/suggestion.ts'
import { fillText } from './fill-parameters.ts'

/** A value as it is written in a command, with its type. */
export interface ParameterValue {
  readonly type: ParameterType
  readonly text: string
}

export type ParameterValues = ReadonlyMap<string, ParameterValue>

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

/**
 * The values of declared parameters: those that are given, and defaults.
 * @throws MartletError USAGE when one is given that is not declared, is missing, or is no value of its type; `flag` names an option
 */
export function parameterValues(
  declared: ParameterConfigs,
  given: ReadonlyMap<string, string>,
  { of, flag, zone }: { readonly of: string; readonly flag: (name: string) => string; readonly zone: string },
): ParameterValues {
  const names = Object.keys(declared)
  for (const name of given.keys())
    if (!names.includes(name)) {
      const known = names.length === 0 ? 'It has none.' : suggestion(name, names, 'parameters')
      throw new MartletError('USAGE', `There is no parameter ${name} of ${of}. ${known}`, { data: { parameter: name } })
    }
  const values = new Map<string, ParameterValue>()
  for (const [name, parameter] of Object.entries(declared)) {
    const type = typeOf(parameter)
    const text =
      given.get(name) ?? (typeof parameter === 'string' ? undefined : fillText(parameter.default, values, zone))
    if (text === undefined)
      throw new MartletError('USAGE', `${of} needs ${flag(name)} (${EXAMPLES[type]}).`, { data: { parameter: name } })
    const problem = valueProblem(type, text)
    if (problem !== undefined)
      throw new MartletError('USAGE', `${flag(name)} ${JSON.stringify(text)} ${problem}.`, {
        data: { parameter: name },
      })
    values.set(name, { type, text })
  }
  return values
}

const EXAMPLES: Readonly<Record<ParameterType, string>> = {
  date: 'a date such as 2026-06-01',
  instant: 'an instant such as 2026-06-01T06:00:00Z',
  integer: 'a whole number',
  text: 'a text',
}

/** A value as a query takes it: bound, with its type. */
export function boundValue({ type, text }: ParameterValue, leaves: Leaves): Sql {
  switch (type) {
    case 'date':
      return sql`CAST(${text} AS ${leaves.columnType('date')})`
    case 'instant':
      return leaves.timestamp(toMicros(text, 'a parameter'))
    case 'integer':
      return sql`CAST(${text} AS ${leaves.columnType('bigint')})`
    case 'text':
      return sql`${text}`
  }
}
