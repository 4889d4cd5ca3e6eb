import { vectorFields, type ServicePlan } from '@martlet/feature-store'
import { MartletError, nearestName } from '@martlet/warehouse'
import { parityReasons, type ParityReason } from './parity-result.ts'
import type { FeatureRule, ParityRules } from './parity-request.ts'

const AT_LEAST = 0.999
const TOLERANCE = 1e-9

/** What is asked of one feature. */
export function ruleOf({ features = {}, ...all }: ParityRules, feature: string): Required<FeatureRule> {
  const own = features[feature]
  const rule = own === undefined || own === false ? {} : own
  return {
    atLeast: rule.atLeast ?? all.atLeast ?? AT_LEAST,
    tolerance: rule.tolerance ?? all.tolerance ?? TOLERANCE,
    allow: rule.allow ?? all.allow ?? [],
  }
}

/**
 * Refuses rules that cannot be meant.
 *
 * @throws MartletError PARITY_INVALID when a number is out of its range, or a feature or reason does not exist
 */
export function refuseRules({ features = {}, ...all }: ParityRules, services: readonly ServicePlan[]): void {
  const names = services.flatMap((service) => vectorFields(service).map(({ name }) => name))
  refuseRule(all, '')
  for (const [feature, rule] of Object.entries(features)) {
    if (!names.includes(feature)) {
      const near = nearestName(feature, names)
      throw invalid(
        `there is no feature ${feature}${near === undefined ? '' : `; did you mean ${near}?`}`.replace(/\?$/, ''),
        { feature },
      )
    }
    if (rule !== false) refuseRule(rule, ` of ${feature}`)
  }
}

function refuseRule({ atLeast = AT_LEAST, tolerance = TOLERANCE, allow = [] }: FeatureRule, of: string): void {
  if (!(atLeast >= 0 && atLeast <= 1)) throw invalid(`atLeast${of} is ${atLeast}, not a share from 0 to 1`, { atLeast })
  if (!(tolerance >= 0 && tolerance < 1))
    throw invalid(`tolerance${of} is ${tolerance}, not a share from 0 to below 1`, { tolerance })
  const unknown = allow.find((reason) => !parityReasons.includes(reason))
  if (unknown !== undefined)
    throw invalid(`there is no reason ${unknown satisfies ParityReason}, only ${parityReasons.join(', ')}`, {
      reason: unknown,
    })
}

function invalid(why: string, data: Readonly<Record<string, unknown>>): MartletError {
  return new MartletError('PARITY_INVALID', `Vectors cannot be compared: ${why}.`, { data })
}
