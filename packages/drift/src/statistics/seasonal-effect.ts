import { effectOf, type DesignEffect } from './design-effect.ts'

/** Rows by group, season and cell. */
export type SeasonalCounts = readonly (readonly (readonly number[])[])[]

/**
 * The design effect of cell shares between groups, beyond what the seasons of their rows explain: each group is compared with
 * what it would have if its rows had the shares of their seasons. With one season it is {@link designEffect}.
 *
 * Formula: residuals `r_gk = n_gk − Σ_s p_sk n_gs` and the covariance `Σ_g r_gk r_gl · G / (G − h) / n²`, where `p_sk` are the
 * shares of a season over all groups, `G` is Kish's number of groups, and `h = Σ_gs n_gs² / (n_g n_s)` is the number of means
 * that are estimated: 1 when every group has all seasons, the number of seasons when each has one. `groups` is `G − h + 1`.
 * Null when fewer than two cells have rows, or hardly more groups than means.
 *
 * @example
 * // Two Mondays and two Sundays, which differ; days of the same name do not.
 * seasonalEffect([[[8, 2], [0, 0]], [[0, 0], [3, 7]], [[8, 2], [0, 0]], [[0, 0], [3, 7]]], 2)?.shares // -1
 */
export function seasonalEffect(counts: SeasonalCounts, cells: number): DesignEffect | null {
  const seasons = Array.from({ length: counts[0]?.length ?? 0 }, (_, season) => season)
  const rowsOf = counts.map((group) => group.map((list) => sumOf(list, cells)))
  const ofSeason = seasons.map((season) => rowsOf.reduce((sum, group) => sum + (group[season] ?? 0), 0))
  const ofGroup = rowsOf.map((group) => sumOf(group, group.length))
  const rows = sumOf(ofGroup, ofGroup.length)
  const inCell = seasons.map((season) =>
    Array.from({ length: cells }, (_, cell) => counts.reduce((sum, group) => sum + (group[season]?.[cell] ?? 0), 0)),
  )
  const total = (cell: number): number => inCell.reduce((sum, list) => sum + (list[cell] ?? 0), 0)
  const used = Array.from({ length: cells }, (_, cell) => cell).filter((cell) => total(cell) > 0)
  const squares = ofGroup.reduce((sum, n) => sum + n * n, 0)
  const groups = squares === 0 ? 0 : (rows * rows) / squares
  let means = 0
  for (const [group, list] of rowsOf.entries())
    for (const [season, n] of list.entries())
      if (n > 0) means += (n * n) / ((ofGroup[group] ?? 1) * (ofSeason[season] ?? 1))
  if (used.length < 2 || !(groups - means > 0.5)) return null
  const residuals = counts.map((group, index) =>
    Array.from({ length: cells }, (_, cell) =>
      group.reduce((sum, list, season) => {
        const n = rowsOf[index]?.[season] ?? 0
        return n === 0 ? sum : sum + (list[cell] ?? 0) - n * ((inCell[season]?.[cell] ?? 0) / (ofSeason[season] ?? 1))
      }, 0),
    ),
  )
  const correction = groups / (groups - means) / rows
  const matrix = Array.from({ length: cells }, (_, k) =>
    Array.from(
      { length: cells },
      (__, l) => correction * residuals.reduce((sum, residual) => sum + (residual[k] ?? 0) * (residual[l] ?? 0), 0),
    ),
  )
  const share = (cell: number): number => total(cell) / rows
  return effectOf(used, share, (k, l) => matrix[k]?.[l] ?? 0, groups - means + 1)
}

function sumOf(values: readonly number[], length: number): number {
  let sum = 0
  for (let index = 0; index < length; index += 1) sum += values[index] ?? 0
  return sum
}
