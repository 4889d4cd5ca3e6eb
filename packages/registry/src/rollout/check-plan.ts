import { MartletError } from '@martlet/warehouse'
import type { GivenStep, RolloutGuards, RolloutStep } from './rollout.ts'

const DEFAULT_GUARDS: RolloutGuards = { errorRate: 0.01, p99Times: 2, p99Ms: null, nullRate: 0.05, scorePsi: 0.25 }

/** The bounds of each guard: a share is at most 1, a latency of less than its own makes no sense as a limit. */
const BOUNDS: Readonly<Record<keyof RolloutGuards, readonly [least: number, most: number]>> = {
  errorRate: [0, 1],
  p99Times: [1, 1000],
  p99Ms: [0.001, 3_600_000],
  nullRate: [0, 1],
  scorePsi: [0, 100],
}

/**
 * Steps with all that was left out.
 *
 * @throws MartletError ROLLOUT_INVALID when a step makes no sense or the steps are not in order
 */
export function checkedSteps(model: string, given: readonly GivenStep[]): readonly RolloutStep[] {
  if (given.length === 0) throw invalid(model, 'steps', 'there are no steps. Give some, such as [{ weight: 10 }]')
  const steps = given.map((step, index) => checkedStep(model, step, `steps[${index}]`))
  for (const [index, step] of steps.entries()) {
    const before = steps[index - 1]
    if (before === undefined) continue
    const path = `steps[${index}]`
    if (step.shadow && !before.shadow)
      throw invalid(model, path, 'a shadow step comes after a step with answers. Put the shadow steps first')
    if (step.shadow === before.shadow && step.weight <= before.weight)
      throw invalid(
        model,
        path,
        `its weight ${step.weight} is not larger than that of the step before, ${before.weight}. Let weights grow`,
      )
  }
  return steps
}

function checkedStep(model: string, given: GivenStep, path: string): RolloutStep {
  const { shadow = false, weight = shadow ? 100 : undefined, holdMinutes = 10, minRequests = 500 } = given
  if (weight === undefined || !(weight > 0 && weight <= 100))
    throw invalid(model, path, `its weight is ${weight}. Give a share in percent, above 0 and at most 100`)
  if (!(holdMinutes >= 0 && holdMinutes <= 525_600))
    throw invalid(model, path, `its holdMinutes is ${holdMinutes}. Give minutes, from 0 to a year`)
  if (!Number.isSafeInteger(minRequests) || minRequests < 0)
    throw invalid(model, path, `its minRequests is ${minRequests}. Give a whole number`)
  return { weight, shadow, holdMinutes, minRequests }
}

/**
 * Guards with all that was left out.
 *
 * @throws MartletError ROLLOUT_INVALID when a limit makes no sense
 */
export function checkedGuards(model: string, given: Partial<RolloutGuards>): RolloutGuards {
  const guards: RolloutGuards = { ...DEFAULT_GUARDS, ...given }
  for (const name of Object.keys(guards)) {
    if (!isGuard(name))
      throw invalid(model, `guards.${name}`, `there is no such guard. Guards are ${Object.keys(BOUNDS).join(', ')}`)
    const limit = guards[name]
    const [least, most] = BOUNDS[name]
    if (limit !== null && !(limit >= least && limit <= most))
      throw invalid(model, `guards.${name}`, `it is ${limit}. Give a number from ${least} to ${most}, or null`)
  }
  return guards
}

function isGuard(name: string): name is keyof RolloutGuards {
  return Object.hasOwn(BOUNDS, name)
}

export function invalid(model: string, path: string, why: string): MartletError {
  return new MartletError('ROLLOUT_INVALID', `The roll-out of ${model} cannot start: ${path}: ${why}.`, {
    data: { model, path },
  })
}
