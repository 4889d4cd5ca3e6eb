import { toMicros } from '@martlet/feature-store'
import type { ParameterType } from '../config/parameter-config.ts'
import { instant } from '../schedule/placeholders.ts'
import { momentAt } from '../schedule/slots.ts'
import type { ParameterValue, ParameterValues } from './parameter-values.ts'

const PLACEHOLDER = /\{([a-z][a-z0-9-]*?)(?:([+-])(\d{1,5})([mhdw]))?(:start)?\}/g
const BRACES = /\{\s*[a-z][a-z0-9 :+-]*\}/gi
const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }
const DAY_MS = 86_400_000

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

/** The text with values in the place of its placeholders; days and their starts are those of the zone's clock. */
export function fillText(text: string, values: ParameterValues, zone: string): string {
  return text.replaceAll(
    PLACEHOLDER,
    (whole, name: string, sign?: string, count?: string, unit?: string, start?: string) => {
      const value = values.get(name)
      if (value === undefined) return whole
      const shift = Number(`${sign ?? ''}${count ?? 0}`) * (UNIT_MS[unit ?? 'd'] ?? 0)
      return start === undefined ? shifted(value, shift).text : startOf(shifted(value, shift).text, zone)
    },
  )
}

/** A value that is so many milliseconds later: of a date, whole days. */
export function shifted(value: ParameterValue, shift: number): ParameterValue {
  if (shift === 0) return value
  if (value.type === 'date')
    return { type: 'date', text: new Date(Date.parse(value.text) + shift).toISOString().slice(0, 10) }
  const micros = toMicros(value.text, 'a parameter')
  return { type: value.type, text: instant(Number(micros / 1000n) + shift) }
}

/** The first moment of a date on the zone's clock, which may have no midnight. */
function startOf(date: string, zone: string): string {
  const day = Date.parse(date) / DAY_MS
  return instant(momentAt(zone, day, 0) ?? momentAt(zone, day + 1, 0) ?? Date.parse(date))
}

/** The value that a placeholder such as `{day-6d}` has in a query. */
export function placeholderValue(placeholder: string, values: ParameterValues): ParameterValue | undefined {
  const [, name = '', sign, count, unit] = /^\{(.*?)(?:([+-])(\d{1,5})([mhdw]))?\}$/.exec(placeholder) ?? []
  const value = values.get(name)
  if (value === undefined) return undefined
  const types = new Map([[name, value.type]])
  if (unknownParameters(placeholder, types).length > 0) return undefined
  return shifted(value, Number(`${sign ?? ''}${count ?? 0}`) * (UNIT_MS[unit ?? 'd'] ?? 0))
}
