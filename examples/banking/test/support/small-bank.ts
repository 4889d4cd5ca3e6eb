import { simulate, type World } from '../../src/bank/simulate.ts'

export const UNTIL = Date.parse('2026-05-20T06:00:00Z') * 1000

/** A few weeks of a few customers, with many takeovers. */
export function smallBank(seed = 5): World {
  return simulate({ seed, until: UNTIL, days: 30, customers: 16, takeovers: 8 })
}
