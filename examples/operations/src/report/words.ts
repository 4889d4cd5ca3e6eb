import type { Value } from '../jobs/rows.ts'

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const short = new Intl.NumberFormat('en', { maximumFractionDigits: 1 })
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** Of something that is missing. */
export const NOTHING = '–'

/** What is not a number is missing. */
const of = (value: Value | undefined, words: (number: number) => string): string => {
  const number = value === null || value === undefined ? Number.NaN : Number(value)
  return Number.isFinite(number) ? words(number) : NOTHING
}

export const count = (value: Value | undefined): string => of(value, (number) => whole.format(number))
export const decimal = (value: Value | undefined): string => of(value, (number) => short.format(number))
export const money = (value: Value | undefined): string => of(value, (number) => `€ ${whole.format(number)}`)
export const share = (value: Value | undefined): string => of(value, (number) => `${short.format(100 * number)} %`)
export const trend = (value: Value | undefined): string =>
  of(value, (number) => `${number >= 0 ? '+' : '−'}${whole.format(Math.abs(100 * number))} %`)

/** `30 Nov 2026` */
export function date(value: Value | undefined): string {
  if (!(value instanceof Date)) return NOTHING
  return `${value.getUTCDate()} ${MONTHS[value.getUTCMonth()]} ${value.getUTCFullYear()}`
}

/** `30 Nov 2026, 06:00 UTC` */
export function moment(value: Value | undefined): string {
  return value instanceof Date ? `${date(value)}, ${value.toISOString().slice(11, 16)} UTC` : NOTHING
}

/** `Nov 2026` */
export function month(year: Value | undefined, number: Value | undefined): string {
  return `${MONTHS[Number(number) - 1] ?? ''} ${String(year)}`
}

/** `2 d 3 h`, `45 min` */
export function age(minutes: Value | undefined): string {
  return of(minutes, (total) => {
    if (total < 90) return `${whole.format(total)} min`
    if (total < 48 * 60) return `${short.format(total / 60)} h`
    return `${short.format(total / 1440)} d`
  })
}
