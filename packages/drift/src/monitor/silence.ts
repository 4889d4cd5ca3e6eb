import type { Presence } from '../count/scan-presence.ts'
import type { TimeWindow } from '../count/windows.ts'
import type { ReferenceChoice } from '../reference/reference-choice.ts'
import { lengthOf } from '../reference/reference-choice.ts'
import type { SilentShare } from '../verdict/evidence.ts'

const WEEK_MS = 604_800_000
const HOUR_MICROS = 3.6e9
/** Earlier windows in which an entity has to have rows to be missed. */
export const LOOK_BACK = 4
/**
 * Earlier windows that show how many entities are usually silent. The newest of them is so far back that who is missed now was not
 * silent in any.
 */
const LEARNT_FROM = 8
/** The share of a window by which its last row may come earlier than in all windows before, if it is complete. */
const LATE = 0.1

/** The windows before a window that are like it, newest first. */
export function windowsBefore(window: TimeWindow, choice: ReferenceChoice): readonly TimeWindow[] {
  const [from, to] = [window.from.getTime(), window.to.getTime()]
  const step = stepOf(to - from, choice)
  return Array.from({ length: LOOK_BACK - 1 + LEARNT_FROM + LOOK_BACK }, (_, index) => {
    const back = (index + 1) * step
    return { from: new Date(from - back), to: new Date(to - back) }
  })
}

/** Windows of one weekday are compared with each other: who is missing on Sundays only is no news. */
function stepOf(length: number, { every, match = [] }: ReferenceChoice): number {
  const asked = every === undefined ? length : lengthOf(every, 'every')
  return match.includes('weekday') && asked % WEEK_MS !== 0 ? Math.ceil(asked / WEEK_MS) * WEEK_MS : asked
}

/** Entities that are missed in a window and in earlier ones. */
export interface SilentWindows {
  readonly now: SilentShare
  /** Newest first; windows that do not have rows in as many windows before them are left out. */
  readonly before: readonly SilentShare[]
}

/**
 * Who is silent in a window, and who was in the windows before. Null where the window's rows seem not to have come yet: the
 * last of them is earlier than in every window before.
 *
 * @param pieces disjoint stretches of time, oldest first, which the windows are made of and presences are counted by
 * @param before the windows before it, newest first
 */
export function silenceIn(
  presences: readonly Presence[],
  pieces: readonly TimeWindow[],
  window: TimeWindow,
  before: readonly TimeWindow[],
): SilentWindows | null {
  const shareOf = (index: number): WindowShare | null => {
    const [one, farthest] = [index === 0 ? window : before[index - 1], before[index + LOOK_BACK - 1]]
    return one === undefined || farthest === undefined ? null : shareIn(presences, pieces, one, farthest)
  }
  const now = shareOf(0)
  const earlier = Array.from({ length: LEARNT_FROM }, (_, index) => shareOf(LOOK_BACK + index) ?? [])
  const known = earlier.flat().filter(({ share }) => share.entities > 0)
  if (now === null || now.share.entities === 0 || known.length === 0) return null
  const shortest = Math.min(...known.map(({ reach }) => reach))
  const length = (window.to.getTime() - window.from.getTime()) * 1000
  if (now.reach < shortest - LATE * length) return null
  return { now: now.share, before: known.map(({ share }) => share) }
}

interface WindowShare {
  readonly share: SilentShare
  /** From the beginning of the window to its last row, µs. */
  readonly reach: number
}

/** Null where the farthest of the windows that entities are known from has no rows: the monitor's rows may begin after it. */
function shareIn(
  presences: readonly Presence[],
  pieces: readonly TimeWindow[],
  window: TimeWindow,
  farthest: TimeWindow,
): WindowShare | null {
  const inside = pieces.flatMap(({ from, to }, index) => (from >= window.from && to <= window.to ? [index] : []))
  const first = inside[0] ?? 0
  const last = inside.at(-1) ?? first
  const start = pieces.findIndex(({ from }) => from >= farthest.from)
  const isFilled = ({ window: at }: Presence): boolean => at >= start && (pieces[at]?.to ?? window.to) <= farthest.to
  if (!presences.some(isFilled)) return null
  let [entities, silent, reach] = [0, 0, -Infinity]
  let [longest, shortest] = [0, Infinity]
  const end = window.to.getTime() * 1000
  for (const { window: at, next, entities: count, earliest, latest } of presences) {
    if (at >= first && at <= last) reach = Math.max(reach, latest - window.from.getTime() * 1000)
    if (at < start || at > last) continue
    const misses = next === null || next > last
    if (misses) longest = Math.max(longest, end - earliest)
    if (at >= first || (next !== null && next < first)) continue
    entities += count
    if (!misses) continue
    silent += count
    shortest = Math.min(shortest, end - latest)
  }
  const hours = { longest: longest / HOUR_MICROS, shortest: silent === 0 ? 0 : shortest / HOUR_MICROS }
  return { share: { entities, silent, ...hours }, reach }
}
