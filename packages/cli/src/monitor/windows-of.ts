import type { TimeWindow } from '@martlet/drift'
import { toMicros } from '@martlet/feature-store'
import { MartletError } from '@martlet/warehouse'
import type { MonitorConfig } from '../config/martlet-config.ts'

/** What the command line says about windows. */
export interface WindowChoice {
  readonly window: string | undefined
  readonly windows: string | undefined
  readonly until: string | undefined
}

const UNITS = new Map([
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
  ['w', 604_800_000],
])
const DAY = 86_400_000

/**
 * The windows to compare, oldest first; undefined: all rows are one window. They end at the last whole day, or for windows
 * shorter than a day at the last whole window, so that a later run on the same day compares the same rows.
 */
export function windowsOf(
  monitor: Pick<MonitorConfig, 'name' | 'window' | 'windows'>,
  choice: WindowChoice,
  now: Date,
): readonly TimeWindow[] | undefined {
  const count = countOf(choice.windows) ?? monitor.windows ?? (choice.window === undefined ? 4 : 1)
  const until = choice.until === undefined ? undefined : instant(choice.until, '--until')
  const text = choice.window ?? monitor.window
  if (text === undefined) return undefined
  if (text.includes('..')) return [span(text)]
  const length = lengthOf(text)
  const step = length % DAY === 0 ? DAY : length
  const end = until ?? Math.floor(now.getTime() / step) * step
  if (Number.isNaN(new Date(end - count * length).getTime()))
    throw new MartletError(
      'USAGE',
      `${count} windows of ${text} begin before the earliest date. Give a shorter length.`,
      {
        data: { window: text },
      },
    )
  return Array.from({ length: count }, (_, i) => ({
    from: new Date(end - (count - i) * length),
    to: new Date(end - (count - i - 1) * length),
  }))
}

/** A span such as `2026-01-01..2026-02-01`. */
export function span(text: string, flag: string = '--window'): TimeWindow {
  const [first = '', last = ''] = text.split('..')
  const window = { from: new Date(instant(first, flag)), to: new Date(instant(last, flag)) }
  if (window.from < window.to) return window
  throw new MartletError('USAGE', `${flag} ${text} ends at or before its start. Give the earlier instant first.`, {
    data: { window: text },
  })
}

/** A length such as `7d`, in milliseconds. */
export function lengthOf(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([mhdw])$/.exec(text)
  const length = Number(match?.[1]) * (UNITS.get(match?.[2] ?? '') ?? Number.NaN)
  if (length > 0) return length
  throw new MartletError(
    'USAGE',
    `--window ${text} is neither a length such as 7d nor a span such as 2026-01-01..2026-02-01.`,
    { data: { window: text } },
  )
}

function countOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const count = Number(text)
  if (Number.isSafeInteger(count) && count >= 1 && count <= 1000) return count
  throw new MartletError('USAGE', `--windows ${text} is not a number of windows. Give a whole number from 1 to 1000.`, {
    data: { windows: text },
  })
}

function instant(text: string, what: string): number {
  return Number(toMicros(text, what) / 1000n)
}
