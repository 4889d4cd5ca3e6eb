import { hellinger as distance } from '../../statistics/hellinger.ts'
import type { MetricKind } from '../metric-kind.ts'
import { shareDistance } from '../share-distance.ts'

/** The distance of the roots of the shares. Reported, decides nothing. */
export const hellinger: MetricKind<'hellinger'> = {
  name: 'hellinger',
  word: 'Hellinger',
  measure: shareDistance(distance),
  madeOf: 'counts',
}
