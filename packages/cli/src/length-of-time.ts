import { MartletError } from '@martlet/warehouse'
import { z } from 'zod'

const MINUTE_MS = 60_000
const UNITS: Readonly<Record<string, number>> = {
  s: 1000,
  m: MINUTE_MS,
  h: 60 * MINUTE_MS,
  d: 1440 * MINUTE_MS,
  w: 7 * 1440 * MINUTE_MS,
}

/** A length of time in a configuration. */
export const length: z.ZodString = z
  .string()
  .regex(/^\d+(\.\d+)?[smhdw]$/, "must be a length of time such as '30s', '15m', '2h' or '1d'")

/** `15m` in milliseconds. */
export function millisOf(text: string): number {
  const [, count, unit = ''] = /^(\d+(?:\.\d+)?)([smhdw])$/.exec(text) ?? []
  const size = UNITS[unit]
  if (count === undefined || size === undefined)
    throw new MartletError('CONFIG_INVALID', `${text} is not a length of time. Write it as 30s, 15m, 2h or 1d.`)
  return Number(count) * size
}
