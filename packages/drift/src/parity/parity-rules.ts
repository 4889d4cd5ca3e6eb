import { vectorFields, type ServicePlan } from '@martlet/feature-store'
import { MartletError, nearestName } from '@martlet/warehouse'
import type { Finding } from '../verdict/result.ts'
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
 * @throws MartletError PARITY_INVALID when a number is out of its range, or a reason does not exist
 */
export function refuseRules({ features = {}, ...all }: ParityRules): void {
  refuseRule(all, '')
  for (const [feature, rule] of Object.entries(features)) if (rule !== false) refuseRule(rule, ` of ${feature}`)
}

/** Rules of features that no service has, such as one that was removed: they apply to nothing. */
export function idleRules({ features = {} }: ParityRules, services: readonly ServicePlan[]): readonly Finding[] {
  const names = services.flatMap((service) => vectorFields(service).map(({ name }) => name))
  return Object.keys(features)
    .filter((feature) => !names.includes(feature))
    .map((feature) => {
      const near = nearestName(feature, names)
      const meant = near === undefined ? 'Remove the rule.' : `Remove the rule, or did you mean ${near}?`
      return {
        kind: 'parity',
        column: feature,
        severity: 'warn',
        sentence: `There is a rule for ${feature}, which none of the services has. ${meant}`,
        reference: null,
        current: null,
        q: null,
      }
    })
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
