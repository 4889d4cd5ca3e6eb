import { kullbackLeibler as distance } from '../../statistics/kullback-leibler.ts'
import { smoothedShares } from '../../statistics/shares.ts'
import type { MetricKind } from '../metric-kind.ts'
import { shareDistance } from '../share-distance.ts'

/** Kullback-Leibler divergence, on shares that no empty cell makes infinite. Reported, decides nothing. */
export const kl: MetricKind<'kl'> = {
  name: 'kl',
  word: 'KL',
  measure: shareDistance(distance, smoothedShares),
  madeOf: 'counts',
}
