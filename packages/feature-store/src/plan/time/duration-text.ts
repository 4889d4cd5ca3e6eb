import type { Micros } from '../feature-plan.ts'

export const MICROS_PER_DAY = 86_400_000_000

const units: readonly (readonly [string, number])[] = [
  ['d', 86_400_000_000],
  ['h', 3_600_000_000],
  ['min', 60_000_000],
  ['s', 1_000_000],
  ['ms', 1000],
  ['µs', 1],
]

/** `7d`, `6h`, `1h 30min`. */
export function durationText(micros: Micros): string {
  if (micros === 0) return '0s'
  let rest = Math.abs(micros)
  const parts: string[] = []
  for (const [unit, size] of units) {
    const count = Math.floor(rest / size)
    if (count > 0) parts.push(`${count}${unit}`)
    rest -= count * size
  }
  return `${micros < 0 ? '-' : ''}${parts.join(' ')}`
}
