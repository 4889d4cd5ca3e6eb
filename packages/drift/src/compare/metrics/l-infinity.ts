import { lInfinity as distance } from '../../statistics/l-infinity.ts'
import type { MetricKind } from '../metric-kind.ts'
import { shareDistance } from '../share-distance.ts'

/** The largest change of a single share. Reported, decides nothing. */
export const lInfinity: MetricKind<'lInfinity'> = {
  name: 'lInfinity',
  word: 'L∞',
  measure: shareDistance(distance),
  madeOf: 'counts',
}
