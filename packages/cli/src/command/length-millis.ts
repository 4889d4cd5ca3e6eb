import { MartletError } from '@martlet/warehouse'

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/**
 * The milliseconds of a length such as `500ms`, `30s`, `5m` or `1h`.
 * @throws MartletError USAGE when it is none, or shorter than 10 ms
 */
export function lengthMillis(option: string, text: string): number {
  const [, count, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? []
  const millis = Number(count) * (UNITS[unit] ?? Number.NaN)
  if (millis >= 10) return millis
  throw new MartletError(
    'USAGE',
    `${option} ${text} is not a length of time. Write a number and s, m or h, such as 1s, 30s or 5m.`,
  )
}
