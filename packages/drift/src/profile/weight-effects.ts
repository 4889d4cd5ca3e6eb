import type { Warehouse } from '@martlet/warehouse'
import type { CellScan } from '../count/scan-groups.ts'
import type { OpenSource } from '../count/scan-source.ts'
import { scanWeights } from '../count/scan-weights.ts'
import type { GroupMoments } from '../statistics/design-effect.ts'
import { groupEffect, kish, rounded, type GroupEffect } from './group-effects.ts'

/** Weights whose design effect is below this are the same: what is left is rounding. */
const EVEN = 1e-6

/**
 * The effects of uneven weights in each window, by column: how much more the shares of weighted rows vary than those of as many rows
 * that count as one. Undefined where all weights are the same.
 *
 * Kish's design effect n Σw² / (Σw)² at least: which cells have the heavy rows is seen of a few rows only.
 */
export async function weightEffects(
  warehouse: Warehouse,
  source: OpenSource,
  columns: readonly CellScan[],
): Promise<readonly (readonly (GroupEffect | undefined)[])[]> {
  const { weight } = source
  if (weight === undefined) return columns.map(() => Array.from({ length: source.windows }, () => undefined))
  const moments = await scanWeights(warehouse, source, columns, weight)
  return moments.map((windows, index) => windows.map((one) => weightEffect(one, columns[index]?.cells ?? 0)))
}

/** The effect of the weights of rows, from sums over rows. */
export function weightEffect(moments: GroupMoments, cells: number): GroupEffect | undefined {
  const rows = moments.counts.reduce((sum, count) => sum + count, 0)
  const excess = rows / kish(moments) - 1
  if (!(excess > EVEN)) return undefined
  const found = groupEffect(moments, cells)
  const least = (effect: number): number => Math.max(effect, rounded(excess))
  return {
    shares: least(found.shares),
    spread: least(found.spread),
    cumulative: least(found.cumulative),
    nulls: least(found.nulls),
    nonFinite: least(found.nonFinite),
    groups: found.groups,
  }
}

/** What an effect shows beyond that of weights, which is in it. */
export function beyondWeights<E extends GroupEffect>(effect: E, weights: GroupEffect | undefined): E {
  if (weights === undefined) return effect
  const less = (of: 'shares' | 'spread' | 'cumulative' | 'nulls' | 'nonFinite'): number =>
    rounded(Math.max(0, effect[of] - weights[of]))
  return {
    ...effect,
    shares: less('shares'),
    spread: less('spread'),
    cumulative: less('cumulative'),
    nulls: less('nulls'),
    nonFinite: less('nonFinite'),
  }
}
