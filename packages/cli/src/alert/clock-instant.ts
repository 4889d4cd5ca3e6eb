import { instantText } from '@martlet/feature-store'

/** The clock as the catalog writes instants, or so many milliseconds away from it. */
export function clockInstant(shift = 0): string {
  return instantText(BigInt(Date.now() + Math.round(shift)) * 1000n)
}

/** The same instant with microseconds, which keep what is written at once in order. */
export function inOrder(instant: string, position: number): string {
  return `${instant.slice(0, -4)}${String(Math.min(position, 999)).padStart(3, '0')}Z`
}
