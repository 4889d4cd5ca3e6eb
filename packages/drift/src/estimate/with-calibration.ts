import { columnNamed } from '../count/spelling.ts'
import type { ReferenceProfile } from '../profile/reference-profile.ts'
import { calibrationRefused } from './calibration-refused.ts'
import { estimatedColumns, type PerformanceCalibration } from './performance-calibration.ts'

/**
 * A profile with which monitors can also estimate performance (`estimate: true`); store it with `storeProfile`.
 *
 * @throws MartletError CALIBRATION_INVALID when the profile lacks a column that estimates need, because a prediction log is read
 * by the profile's columns
 *
 * @example
 * await storeProfile(warehouse, withCalibration(profile, calibration))
 */
export function withCalibration(profile: ReferenceProfile, calibration: PerformanceCalibration): ReferenceProfile {
  const missing = estimatedColumns(calibration).filter((name) => columnNamed(profile.columns, name) === undefined)
  if (missing.length > 0)
    throw calibrationRefused(`profile ${profile.name} has no column ${missing.join(', ')}, which estimates read`, {
      profile: profile.name,
    })
  return { ...profile, calibration }
}
