import type { BinnedNumbers } from '../count/binned-column.ts'
import type { NumericProfile } from '../profile/reference-profile.ts'
import type { KsGap } from '../statistics/ks-statistic.ts'
import { poolCells } from '../statistics/pool-cells.ts'
import type { CategoryCells } from './category-cells.ts'
import { INDEPENDENT, type Dependence } from './dependence.ts'
import { coarseBins } from './coarse-bins.ts'
import { distancesFromBins, type Distances } from './distances.ts'
import type { Measurement } from './measurement.ts'
import type { Metric } from './metric.ts'
import { metricsOf } from './metrics/lookup.ts'
import type { MetricName } from './metrics/list.ts'
import type { CategorySides, NumberSides } from './sides.ts'

/** What only the rows themselves can show, from the exact path. */
export interface ExactGaps {
  readonly ks: Pick<KsGap, 'scaled'>
  readonly distances: Distances
}

/** All metrics of a number column in one window. */
export function measureNumbers(
  profile: NumericProfile,
  binned: BinnedNumbers,
  exact: ExactGaps | null = null,
  dependence: Dependence = INDEPENDENT,
): readonly Metric[] {
  const sides: NumberSides = {
    reference: coarseBins(profile, profile.counts),
    current: coarseBins(profile, binned.counts),
    dependence,
    profile,
    binned,
    distances: exact?.distances ?? distancesFromBins(profile, binned),
    exactGap: exact?.ks.scaled ?? null,
  }
  return metricsOf('number').flatMap(({ name, measure }) => named(name, measure.number?.(sides)))
}

/** All metrics of a category column in one window, on cells that are not too thin for any of them. */
export function measureCategories(cells: CategoryCells, dependence: Dependence = INDEPENDENT): readonly Metric[] {
  const sides: CategorySides = { ...poolCells(cells.reference, cells.current, { thin: cells.beyond }), dependence }
  return metricsOf('category').flatMap(({ name, measure }) => named(name, measure.category?.(sides)))
}

function named(metric: MetricName, measurement: Measurement | null | undefined): readonly Metric[] {
  return measurement === null || measurement === undefined ? [] : [{ metric, ...measurement }]
}
