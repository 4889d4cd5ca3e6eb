import type { BinnedNumbers, CountedCategories } from '../count/binned-column.ts'
import { categoryCells } from '../compare/category-cells.ts'
import { INDEPENDENT, type Dependence } from '../compare/dependence.ts'
import { distancesFromBins } from '../compare/distances.ts'
import { measureCategories, measureNumbers, type ExactGaps } from '../compare/measure.ts'
import { shiftBeyond } from '../compare/shift-beyond.ts'
import type { CategoryProfile, NumericProfile, TimeProfile } from '../profile/reference-profile.ts'
import type { ColumnEvidence } from '../verdict/evidence.ts'

/** The evidence of a number column in one window. */
export function numberEvidence(
  profile: NumericProfile,
  current: BinnedNumbers,
  exact: ExactGaps | null = null,
  dependence: Dependence = INDEPENDENT,
): ColumnEvidence {
  const measurable = profile.finite > 0 && current.finite > 0
  return {
    profile,
    rows: current.rows,
    nulls: current.nulls,
    nonFinite: current.nan + current.positiveInfinite + current.negativeInfinite,
    values: current.finite,
    ...(current.valueRows === undefined ? {} : { valueRows: current.valueRows }),
    metrics: measureNumbers(profile, current, exact, dependence),
    counts: current.counts,
    shift: measurable
      ? (exact?.distances ?? distancesFromBins(profile, current)).shift + shiftBeyond(profile, current)
      : null,
    categories: null,
    dependence,
    obstacle: null,
  }
}

/** The evidence of a category column in one window. */
export function categoryEvidence(
  profile: CategoryProfile,
  current: CountedCategories,
  dependence: Dependence = INDEPENDENT,
): ColumnEvidence {
  const categories = categoryCells(profile, current)
  const shown = profile.top.map(({ value }) => current.counts.get(value) ?? 0)
  const values = current.rows - current.nulls
  const other = values - categories.unseenRows - shown.reduce((sum, count) => sum + count, 0)
  return {
    profile,
    rows: current.rows,
    nulls: current.nulls,
    nonFinite: 0,
    values,
    ...(current.weighed === undefined ? {} : { valueRows: current.weighed.valueRows }),
    metrics: measureCategories(categories, dependence),
    counts: [...shown, other, categories.unseenRows],
    shift: null,
    categories,
    dependence,
    obstacle: null,
  }
}

/** The evidence of a time column in one window: its nulls. */
export function timeEvidence(
  profile: TimeProfile,
  rows: number,
  nulls: number,
  dependence: Dependence = INDEPENDENT,
): ColumnEvidence {
  return {
    profile,
    rows,
    nulls,
    nonFinite: 0,
    values: rows - nulls,
    metrics: [],
    counts: [],
    shift: null,
    categories: null,
    dependence,
    obstacle: null,
  }
}
