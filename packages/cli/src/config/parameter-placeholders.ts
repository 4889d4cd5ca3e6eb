import type { ParameterType } from './parameter-config.ts'

/** `{name}`, shifted as `{name-6d}`, and of dates `{name:start}`. */
export const PLACEHOLDER: RegExp = /\{([a-z][a-z0-9-]*?)(?:([+-])(\d{1,5})([mhdw]))?(:start)?\}/g
const BRACES = /\{\s*[a-z][a-z0-9 :+-]*\}/gi

/** What stands in braces in a text and is no placeholder of these parameters. */
export function unknownParameters(text: string, types: ReadonlyMap<string, ParameterType>): readonly string[] {
  const rest = text.replaceAll(
    PLACEHOLDER,
    (whole, name: string, sign?: string, _count?, unit?: string, start?: string) =>
      fits(types.get(name), sign, unit, start) ? '' : whole,
  )
  return rest.match(BRACES) ?? []
}

/** Dates are shifted by days and weeks and have a start; instants are shifted by any unit; other values are as they are. */
function fits(type: ParameterType | undefined, sign?: string, unit?: string, start?: string): boolean {
  if (type === undefined) return false
  if (type === 'date') return unit === undefined || unit === 'd' || unit === 'w'
  return start === undefined && (sign === undefined || type === 'instant')
}
