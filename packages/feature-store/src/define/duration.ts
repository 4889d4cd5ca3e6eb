import type { Micros } from '../plan/feature-plan.ts'
import { invalid, type Place } from './invalid-definition.ts'

/** A fixed length of time: minutes, hours, days of 24 hours, weeks of 7 days. `90m`, `6h`, `1d`, `2w`, `1.5d`. */
export type Duration = `${number}${'m' | 'h' | 'd' | 'w'}`

const minute = 60_000_000
const unitMicros = new Map([
  ['m', minute],
  ['h', 60 * minute],
  ['d', 1440 * minute],
  ['w', 7 * 1440 * minute],
])

/** A day in microseconds. */
export const dayMicros: Micros = 1440 * minute

/** Parses a duration of zero or more into microseconds; `role` names the option in the error. */
export function durationMicros(text: string, role: string, place: Place): Micros {
  const match = /^(\d+)(?:\.(\d+))?([mhdw])$/.exec(text)
  const unit = unitMicros.get(match?.[3] ?? '')
  if (match === null || unit === undefined) {
    throw invalid(
      place,
      `${role} '${text}' is not a duration; write a number and m, h, d or w, like '90m', '6h', '1d' or '2w'`,
    )
  }
  const fraction = match[2] ?? ''
  const scaled = BigInt(`${match[1]}${fraction}`) * BigInt(unit)
  const divisor = 10n ** BigInt(fraction.length)
  if (scaled % divisor !== 0n) throw invalid(place, `${role} '${text}' is not a whole number of microseconds`)
  const micros = Number(scaled / divisor)
  if (!Number.isSafeInteger(micros))
    throw invalid(place, `${role} '${text}' is too long; the longest duration is 104249d`)
  return micros
}

/** Like `durationMicros`, and refuses zero. */
export function positiveMicros(text: string, role: string, place: Place): Micros {
  const micros = durationMicros(text, role, place)
  if (micros === 0) throw invalid(place, `${role} '${text}' must be longer than zero`)
  return micros
}
