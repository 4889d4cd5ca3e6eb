import { MartletError } from '@martlet/warehouse'
import type { AnyOnDemand } from '../define/on-demand/on-demand.ts'
import type { FunctionPlan, OnDemandPlan } from '../plan/on-demand-plan.ts'
import type { ServicePlan } from '../plan/view-plan.ts'
import { expressionsComputation, type Computation } from './computation.ts'
import { brokenExample, exampleText } from './examples.ts'
import { functionComputation } from './function-computation.ts'

/** Definitions whose functions a process has. */
export type OnDemandFunctions = readonly AnyOnDemand[]

/**
 * Compiles an on-demand feature.
 * @throws MartletError ON_DEMAND_FUNCTION_MISSING when it is a function that the process does not have in its version
 * @throws MartletError ON_DEMAND_FUNCTION_CHANGED when the function gives other values than when it was applied
 */
export function computationOf(plan: OnDemandPlan, functions: OnDemandFunctions): Computation {
  if (plan.kind === 'expressions') return expressionsComputation(plan)
  const named = functions.filter(({ name, compute }) => name === plan.name && compute !== undefined)
  const own = named.find((one) => one.plan.hash === plan.hash)
  if (own?.compute === undefined) throw missing(plan, named)
  const computation = functionComputation(plan, own.compute)
  const broken = brokenExample(plan, computation)
  if (broken === undefined) return computation
  throw new MartletError(
    'ON_DEMAND_FUNCTION_CHANGED',
    `The function of on-demand feature ${plan.name} gives other values than version ${plan.version} did when it was applied, ` +
      `for ${exampleText(plan, broken)}. Run the code of that version, or give the changed function another version and apply it.`,
    { data: { onDemand: plan.name, version: plan.version } },
  )
}

/** Why the functions of a service cannot be run here; undefined when all can. */
export function onDemandFault(
  { onDemand = [] }: Pick<ServicePlan, 'onDemand'>,
  functions: OnDemandFunctions,
): MartletError | undefined {
  try {
    for (const { plan } of onDemand) computationOf(plan, functions)
    return undefined
  } catch (error) {
    if (error instanceof MartletError) return error
    throw error
  }
}

function missing({ name, version }: FunctionPlan, named: OnDemandFunctions): MartletError {
  const others = named.flatMap(({ plan }) => (plan.kind === 'function' ? [plan.version] : []))
  const has =
    others.length === 0
      ? 'this process has none of that name'
      : others.includes(version)
        ? 'the one of this process has other inputs or outputs'
        : `this process has version ${others.join(', ')}`
  return new MartletError(
    'ON_DEMAND_FUNCTION_MISSING',
    `On-demand feature ${name} needs version ${version} of its function, and ${has}. ` +
      'Run the code that the definitions were applied from, or apply the definitions of this code.',
    { data: { onDemand: name, version } },
  )
}
