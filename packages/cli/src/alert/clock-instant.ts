import { instantText } from '@martlet/feature-store'

/** The clock as the catalog writes instants, or so many milliseconds away from it. */
export function clockInstant(shift = 0): string {
  return instantText(BigInt(Date.now() + Math.round(shift)) * 1000n)
}
