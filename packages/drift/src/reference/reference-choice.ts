import { MartletError } from '@martlet/warehouse'
import type { TimeWindow } from '../count/windows.ts'
import type { Season } from '../profile/season.ts'

interface Matched {
  /** Compares with rows of the same weekday, hour or month only, in the shares that the window has of them. */
  readonly match?: readonly Season[]
  /** The IANA zone by whose clock seasons are read; of a stored profile it is the profile's. @default 'UTC' */
  readonly zone?: string
}

/** The stored profile. */
interface Stored {
  readonly trailing?: undefined
  readonly yearAgo?: undefined
  readonly windows?: undefined
  readonly every?: undefined
}

/** The rows just before the window, so long back: `28d`. */
interface Trailing {
  readonly trailing: string
  readonly yearAgo?: undefined
  readonly windows?: undefined
  readonly every?: undefined
}

/** The window 364 days earlier, which has the same weekdays; `'date'`: that of the same dates, a calendar year earlier. */
interface YearAgo {
  readonly trailing?: undefined
  readonly yearAgo: true | 'date'
  /**
   * Compares with so many windows before and as many after that one, too. What windows usually differ by is learnt from the
   * four on either side in any case. @default 0
   */
  readonly around?: number
  readonly windows?: undefined
  readonly every?: undefined
}

/** So many windows of the same length, each so long before the next one, such as the same hours of the last eight Mondays. */
interface EarlierWindows {
  readonly trailing?: undefined
  readonly yearAgo?: undefined
  readonly windows: number
  /** @default the length of the window */
  readonly every?: string
}

/** What a window is compared with. Without one of `trailing`, `yearAgo` and `windows`, with the stored profile. */
export type ReferenceChoice = Matched & (Stored | Trailing | YearAgo | EarlierWindows)

/** The stretches of time that a window is compared with. */
export interface Stretches {
  readonly all: readonly TimeWindow[]
  /** Windows like the one compared, which show how much such windows differ; a rest of a trailing reference is none. */
  readonly windows: readonly TimeWindow[]
  /** What it is, for `Compared with …`. */
  readonly words: string
}

const UNITS = new Map([
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
  ['w', 604_800_000],
])
const WEEK = 7 * 86_400_000
const SAME_WEEKDAYS = 52 * WEEK
/**
 * Windows on either side of the one a year ago from which it is learnt how much windows of that time of the year differ; those
 * shorter than a week are of the same weekday.
 */
const NEIGHBOURS = 4

/** Each is counted by itself; more would say hardly more about how much windows differ. */
const MOST_WINDOWS = 10_000

/** Whether the reference is measured from earlier rows rather than read from a profile. */
export function isHistory({ trailing, yearAgo, windows }: ReferenceChoice): boolean {
  return trailing !== undefined || yearAgo !== undefined || windows !== undefined
}

/**
 * The stretches of time that a window is compared with, newest first.
 *
 * @throws MartletError REFERENCE_INVALID when a length cannot be read, or the windows would overlap or be too many
 */
export function stretchesBefore(choice: ReferenceChoice, window: TimeWindow): Stretches {
  const from = window.from.getTime()
  const length = window.to.getTime() - from
  const back = (shift: number): TimeWindow => ({ from: new Date(from - shift), to: new Date(from - shift + length) })
  if (choice.trailing !== undefined) {
    const reach = lengthOf(choice.trailing, 'trailing')
    const whole = Math.floor(reach / length)
    refuseMany(whole, `trailing ${choice.trailing}`)
    const windows = Array.from({ length: whole }, (_, i) => back((i + 1) * length))
    const rest = { from: new Date(from - reach), to: new Date(from - whole * length) }
    return {
      all: rest.from < rest.to ? [...windows, rest] : windows,
      windows,
      words: `the ${choice.trailing} before it`,
    }
  }
  if (choice.yearAgo !== undefined) {
    const shifted =
      choice.yearAgo === 'date' ? { from: yearBefore(window.from), to: yearBefore(window.to) } : back(SAME_WEEKDAYS)
    const words =
      choice.yearAgo === 'date' ? 'the same dates a year ago' : 'the window 364 days ago (the same weekdays)'
    if (shifted.from >= shifted.to)
      return { all: [], windows: [], words: 'the same dates a year ago, when February had 28 days' }
    const { around = 0 } = choice
    if (!(Number.isSafeInteger(around) && around >= 0)) throw invalid(`around is ${around}; it must be at least 0`)
    refuseMany(2 * around, `around ${around}`)
    const own = shifted.to.getTime() - shifted.from.getTime()
    const neighbours = (count: number, step: number): readonly TimeWindow[] =>
      Array.from({ length: 2 * count + 1 }, (_, i) => {
        const by = (count - i) * step
        return { from: new Date(shifted.from.getTime() + by), to: new Date(shifted.to.getTime() + by) }
      }).filter(({ to }) => to <= window.from)
    if (around === 0) return { all: [shifted], windows: neighbours(NEIGHBOURS, Math.max(own, WEEK)), words }
    const windows = neighbours(around, own)
    return { all: windows, windows, words: `${words} and ${around} before and after it` }
  }
  if (choice.windows !== undefined) {
    const { windows: count, every } = choice
    const step = every === undefined ? length : lengthOf(every, 'every')
    if (!(Number.isSafeInteger(count) && count >= 1)) throw invalid(`windows is ${count}; it must be at least 1`)
    refuseMany(count, `windows ${count}`)
    if (step < length)
      throw invalid(`every ${every ?? ''} is shorter than the window, so the reference windows would overlap`)
    const windows = Array.from({ length: count }, (_, i) => back((i + 1) * step))
    return {
      all: windows,
      windows,
      words: `the ${count === 1 ? 'window' : `${count} windows`} before it${every === undefined ? '' : `, ${every} apart`}`,
    }
  }
  return { all: [], windows: [], words: 'the stored profile' }
}

/** A length of time such as `28d`, in milliseconds. @throws MartletError REFERENCE_INVALID when it is none */
export function lengthOf(text: string, what: string): number {
  const match = /^(\d+(?:\.\d+)?)([mhdw])$/.exec(text)
  const length = Number(match?.[1]) * (UNITS.get(match?.[2] ?? '') ?? Number.NaN)
  if (length > 0) return length
  throw invalid(`${what} is ${JSON.stringify(text)}; it must be a length of time such as 28d`)
}

function refuseMany(windows: number, what: string): void {
  if (windows > MOST_WINDOWS)
    throw invalid(
      `${what} is ${windows.toLocaleString('en-US')} windows to look back at; it must be at most ${MOST_WINDOWS.toLocaleString('en-US')}`,
    )
}

/** 29 February becomes 1 March. */
function yearBefore(instant: Date): Date {
  const before = new Date(instant)
  before.setUTCFullYear(before.getUTCFullYear() - 1)
  return before
}

export function invalid(why: string, data: Readonly<Record<string, unknown>> = {}): MartletError {
  return new MartletError('REFERENCE_INVALID', `The reference cannot be used: ${why}. Correct \`reference\`.`, { data })
}
