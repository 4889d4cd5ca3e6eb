import { sql, type Warehouse } from '@martlet/warehouse'
import type { BinnedNumbers } from '../count/binned-column.ts'
import { measureNumbers, type ExactGaps } from '../compare/measure.ts'
import { decidingResults } from '../compare/metrics/lookup.ts'
import { exactGaps } from '../compare/exact-gaps.ts'
import { windowSql, type TimeWindow } from '../count/windows.ts'
import type { NumericProfile } from '../profile/reference-profile.ts'
import { fromRelation, type Relation } from '../count/relation.ts'
import { floorsOf, type DriftPolicy } from '../verdict/policy.ts'
import type { ResolvedRows } from './current-rows.ts'

export interface Refinement {
  readonly warehouse: Warehouse
  readonly rows: ResolvedRows
  readonly profile: NumericProfile
  readonly binned: BinnedNumbers
  readonly window: TimeWindow | null
  readonly policy: DriftPolicy
  readonly reference: Relation | undefined
}

/** Counts a column exactly from rows when the policy asks for it, or when its bins leave open whether an effect reaches its floor. */
export async function refine(refinement: Refinement): Promise<ExactGaps | null> {
  const { warehouse, rows, profile, binned, window, policy, reference } = refinement
  if (reference === undefined || policy.exact === 'never' || binned.finite < policy.minimumRows || profile.finite === 0)
    return null
  if (policy.exact === 'auto' && !undecided(profile, binned, policy)) return null
  const time = rows.time
  const current =
    window === null || time === null
      ? rows.relation
      : sql`
        SELECT *
        FROM ${fromRelation(rows.relation)}
        WHERE ${windowSql(warehouse.leaves, sql.id(time), [window]).where}
      `
  return exactGaps(warehouse, reference, current, profile)
}

/** Whether a floor lies inside the interval of a metric that decides. */
function undecided(profile: NumericProfile, binned: BinnedNumbers, policy: DriftPolicy): boolean {
  const floors = floorsOf(policy, profile.name)
  return decidingResults(measureNumbers(profile, binned), 'number').some(({ metric, interval, noise }) => {
    if (interval === null || noise === null) return false
    const [low, high] = [interval[0] - noise, interval[1] - noise]
    const { warn, crit } = floors[metric]
    return [warn, crit].some((floor) => low < floor && floor <= high)
  })
}
