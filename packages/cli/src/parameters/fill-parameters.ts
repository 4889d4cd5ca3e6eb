import { gridInstants, toMicros, zoneOffset } from '@martlet/feature-store'
import { PLACEHOLDER, unknownParameters } from '../config/parameter-placeholders.ts'
import type { ParameterValue, ParameterValues } from './parameter-values.ts'

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }
const DAY_MS = 86_400_000

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
  const utc = Date.parse(date)
  const around = [utc - DAY_MS, utc + DAY_MS].map((at) => BigInt(at) * 1000n)
  const days = gridInstants({ every: DAY_MS * 1000, zone }, around[0] ?? 0n, around[1] ?? 0n).map((at) =>
    Number(at / 1000n),
  )
  const localDate = (at: number): string => new Date(at + zoneOffset(zone, at)).toISOString().slice(0, 10)
  return instant(days.find((at) => localDate(at) === date) ?? utc)
}

function instant(at: number): string {
  return new Date(at).toISOString().replace('.000Z', 'Z')
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
