import { toMicros } from '@martlet/feature-store'
import { MartletError, sql, type Leaves, type Sql } from '@martlet/warehouse'
import { typeOf, valueProblem } from '../config/parameter-config.ts'
import type { ParameterConfigs, ParameterType } from '../config/parameter-config.ts'
import { suggestion } from '../config/suggestion.ts'
import { fillText } from './fill-parameters.ts'

/** A value as it is written in a command, with its type. */
export interface ParameterValue {
  readonly type: ParameterType
  readonly text: string
}

export type ParameterValues = ReadonlyMap<string, ParameterValue>

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
