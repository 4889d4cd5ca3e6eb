import { MartletError } from '@martlet/warehouse'
import type { ReferenceProfile } from '../profile/reference-profile.ts'
import type { PerformanceCalibration } from './performance-calibration.ts'

/**
 * The calibration of a profile.
 *
 * @throws MartletError CALIBRATION_MISSING when it has none
 */
export function calibrationOf({ name, calibration }: ReferenceProfile): PerformanceCalibration {
  if (calibration !== undefined) return calibration
  throw new MartletError(
    'CALIBRATION_MISSING',
    `Profile ${name} has no calibration, so performance cannot be estimated. Make one with calibrateClassifier or calibrateLoss, ` +
      'add it with withCalibration, and store the profile again.',
    { data: { profile: name } },
  )
}
