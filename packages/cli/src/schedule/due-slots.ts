import type { Schedule } from './schedule.ts'
import { newestSlot, slotsBetween } from './slots.ts'

export interface DueSlot {
  /** Milliseconds since the epoch. */
  readonly slot: number
  /** How many slots before it were due too, and are passed over. */
  readonly passed: number
}

/** Which slots are due at `now`, given the newest one that was ever begun. */
export function dueSlots(schedule: Schedule, newest: number | undefined, now: number): readonly DueSlot[] {
  const { clock, missed, since, grace } = schedule
  const begin = since === undefined ? newestSlot(clock, now) : since
  const after = Math.max(newest ?? begin - 1, since === undefined ? -Infinity : since - 1)
  const slots = slotsBetween(clock, after, now)
  if (missed === 'each') return slots.map((slot) => ({ slot, passed: 0 }))
  const last = slots.at(-1)
  if (last === undefined || (missed === 'skip' && now - last > grace)) return []
  return [{ slot: last, passed: slots.length - 1 }]
}
