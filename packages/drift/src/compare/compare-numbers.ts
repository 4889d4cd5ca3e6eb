import type { NumericProfile } from '../profile/reference-profile.ts'
import type { KsGap } from '../statistics/ks-statistic.ts'
import type { BinnedNumbers } from '../count/binned-column.ts'
import type { Metric } from './metric.ts'
import { coarseBins } from './metrics/coarse-bins.ts'
import { jsDistance } from './metrics/js-distance.ts'
import { ksExactly, ksFromBins } from './metrics/ks.ts'
import { psi } from './metrics/psi.ts'
import { reportOnly } from './metrics/report-only.ts'
import { distancesFromBins, wassersteinMetrics } from './metrics/wasserstein.ts'
import type { Distances } from './metrics/wasserstein.ts'

/** What only the rows themselves can tell, from the exact path. */
export interface ExactGaps {
  readonly ks: Pick<KsGap, 'scaled'>
  readonly distances: Distances
}

/** All metrics of a number column in one window. PSI first: it leads in reports. */
export function compareNumbers(
  profile: NumericProfile,
  current: BinnedNumbers,
  exact: ExactGaps | null = null,
): readonly Metric[] {
  const reference = coarseBins(profile, profile.counts)
  const cells = coarseBins(profile, current.counts)
  const ks = exact === null ? ksFromBins(profile, current) : ksExactly(exact.ks, profile.finite, current.finite)
  const distances = exact === null ? distancesFromBins(profile, current) : exact.distances
  return [
    psi(reference, cells, 'ordered'),
    ...wassersteinMetrics(profile, current, distances, exact !== null),
    ks,
    jsDistance(reference, cells),
    ...reportOnly(reference, cells),
  ]
}
