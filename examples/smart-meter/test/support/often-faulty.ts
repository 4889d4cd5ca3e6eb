import type { FaultRates } from '../../src/generate/world.ts'

/** A world so small has every fault only if they are frequent. */
export const oftenFaulty: FaultRates = {
  gap: 0.05,
  duplicate: 0.01,
  corrected: 0.01,
  lateFile: 0.2,
  negative: 0.005,
  sentinel: 0.005,
  broken: 0.002,
  wallClock: 0.4,
  swap: 0.5,
}
