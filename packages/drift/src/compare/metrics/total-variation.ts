import { totalVariation as distance } from '../../statistics/total-variation.ts'
import type { MetricKind } from '../metric-kind.ts'
import { shareDistance } from '../share-distance.ts'

/** How many rows would have to change their cell for the shares to be the same. Reported, decides nothing. */
export const totalVariation: MetricKind<'totalVariation'> = {
  name: 'totalVariation',
  word: 'total variation',
  measure: shareDistance(distance),
  madeOf: 'counts',
}
