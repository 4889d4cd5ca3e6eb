import type { JsonObject } from './wire/exact-json.ts'
import { instantOf } from './wire/instants.ts'
import { wholeOf } from './wire/numbers.ts'

const UNITS = [
  ['ts_ns', 1_000_000_000n],
  ['ts_us', 1_000_000n],
  ['ts_ms', 1_000n],
] as const

/** The first time that one of some objects has, in the finest unit that it gives (µs); undefined when none has one. */
export function committedAt(from: readonly JsonObject[]): bigint | undefined {
  for (const one of from) {
    for (const [name, perSecond] of UNITS) {
      const value = one[name]
      const units = typeof value === 'string' && /^\d{1,19}$/.test(value) ? BigInt(value) : wholeOf(value ?? null)
      const instant = units === undefined || units <= 0n ? undefined : instantOf(units, perSecond)
      if (instant?.is === 'instant') return instant.micros
    }
  }
  return undefined
}
