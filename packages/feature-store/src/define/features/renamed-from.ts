import type { FeaturePlan } from '../../plan/feature-plan.ts'
import { isDefaultedValue, type DefaultedValue } from './default-value.ts'
import { isFeatures, type Planned } from './features.ts'
import { isStanding, type Standing } from './standing-value.ts'
import { invalid, type Place } from '../invalid-definition.ts'
import { checkName } from '../names.ts'
import { isValued, type Valued } from '../expressions/operand.ts'

/**
 * Says that a feature was called otherwise before: its rows are kept, and models that were trained on the old name go
 * on being served. `old` is the key that it had; the suffixes of windows follow by themselves.
 *
 * @example features: (f) => ({ energy: renamedFrom('kwh', f.sum('kwh').over('1d', '7d')) })   // kwh_1d → energy_1d, kwh_7d → energy_7d
 */
export function renamedFrom<T extends Planned | Valued<unknown> | Standing<unknown> | DefaultedValue<unknown>>(
  old: string,
  given: T,
): T {
  if (isFeatures(given)) {
    const plans: Planned['plans'] = (key, place) => {
      checkName(old, 'the old name', place)
      const before = given.plans(old, place)
      return given.plans(key, place).map((feature, i) => ({ ...feature, renamedFrom: before[i]?.name ?? old }))
    }
    return changed<T>(given, { plans })
  }
  if (isValued(given) || isStanding(given) || isDefaultedValue(given)) return changed<T>(given, { renamedFrom: old })
  throw new TypeError(
    `renamedFrom('${old}', …) takes a feature, like f.sum('kwh').over('7d'), an expression of derive or a standing of among`,
  )
}

function changed<T extends object>(given: T, change: object): T {
  return Object.freeze({ ...given, ...change })
}

/** The old name of a derived feature or of a standing, if it has one. */
export function oldNameOf(given: unknown): string | undefined {
  return typeof given === 'object' && given !== null && 'renamedFrom' in given && typeof given.renamedFrom === 'string'
    ? given.renamedFrom
    : undefined
}

/** Refuses old names that are still in use, or that two features claim. */
export function checkRenames(features: readonly FeaturePlan[], place: Place): void {
  const claimed = new Map<string, string>()
  for (const { name, renamedFrom: old } of features) {
    if (old === undefined) continue
    const at = { ...place, feature: name }
    checkName(old, 'the old name', at)
    const other = claimed.get(old)
    if (other !== undefined) throw invalid(at, `it and '${other}' both say that they were called '${old}'`)
    if (features.some((feature) => feature.name === old))
      throw invalid(at, `it says that it was called '${old}', but the view still has a feature of that name`)
    claimed.set(old, name)
  }
}
