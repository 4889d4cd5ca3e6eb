import type { FaultRates } from '../../src/generate/options.ts'

/** Faults so often that a small world has each of them. */
export const oftenFaulty: FaultRates = {
  lateTelemetry: 0.05,
  odometerSwap: 1,
  odometerSentinel: 0.01,
  clock1970: 0.01,
  negativeFuel: 0.01,
  duplicateShipment: 0.02,
  staleShipment: 0.03,
  missingPickup: 0.03,
  missingDelivery: 0.03,
  deliveredBeforePickup: 0.03,
  overweight: 0.03,
  orphanCustomer: 0.03,
  misspeltTier: 0.3,
  overlappingValidity: 0.02,
}
