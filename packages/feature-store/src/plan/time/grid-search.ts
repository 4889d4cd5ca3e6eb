import type { GridPlan } from '../view-plan.ts'
import { gridInstants } from './grid.ts'

/** The first feature time of a grid at or after t. */
export function gridCeiling(grid: GridPlan, t: bigint): bigint {
  for (let reach = 2n * BigInt(grid.every) + 1n; ; reach *= 2n) {
    const first = gridInstants(grid, t, t + reach)[0]
    if (first !== undefined) return first
  }
}

/** The last feature time of a grid before t; undefined when there is none for a long time. */
export function gridBefore(grid: GridPlan, t: bigint): bigint | undefined {
  for (let reach = 2n * BigInt(grid.every) + 1n, tries = 0; tries < 8; reach *= 2n, tries++) {
    const last = gridInstants(grid, t - reach, t).at(-1)
    if (last !== undefined) return last
  }
  return undefined
}
