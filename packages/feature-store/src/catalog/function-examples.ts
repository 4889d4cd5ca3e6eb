import type { FunctionPlan, OnDemandPlan } from '../plan/on-demand-plan.ts'
import { examplesOf } from '../on-demand/examples.ts'
import { computationOf } from '../on-demand/on-demand-functions.ts'
import type { Definition } from './definition-change.ts'
import type { StoredDefinition } from './definitions.ts'

/**
 * A definition as it is stored: with examples of what its functions give. Examples that are stored of the same version
 * stay; whoever gives a plan without functions keeps those that there are.
 * @throws MartletError ON_DEMAND_FUNCTION_CHANGED when a function gives other values than the stored examples of its version
 */
export function withExamples(definition: Definition, stored: readonly StoredDefinition[]): Definition {
  const { plan, onDemand: functions = [] } = definition
  if (!('views' in plan) || plan.onDemand === undefined) return definition
  const known = stored
    .flatMap((one) => (one.kind === 'service' ? (one.plan.onDemand ?? []) : []))
    .map((one) => one.plan)
  const onDemand = plan.onDemand.map((one) => ({ ...one, plan: exampled(one.plan, functions, known) }))
  return { ...definition, plan: { ...plan, onDemand } }
}

function exampled(
  plan: OnDemandPlan,
  functions: NonNullable<Definition['onDemand']>,
  known: readonly OnDemandPlan[],
): OnDemandPlan {
  if (plan.kind !== 'function') return plan
  const before = known.find(
    (one): one is FunctionPlan => one.kind === 'function' && one.hash === plan.hash && one.examples !== undefined,
  )
  const own = functions.some(({ name }) => name === plan.name)
  if (before?.examples !== undefined) {
    const kept = { ...plan, examples: before.examples }
    if (own) computationOf(kept, functions)
    return kept
  }
  return own ? { ...plan, examples: examplesOf(plan, computationOf(plan, functions)) } : plan
}
