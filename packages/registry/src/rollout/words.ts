import type { Rollout } from './rollout.ts'

/**
 * A step in a few words.
 *
 * @example stepWords(rollout, 1) // '25 % of champion (step 2 of 3)'
 */
export function stepWords({ steps, stable }: Pick<Rollout, 'steps' | 'stable'>, index: number): string {
  const step = steps[index]
  const what = step?.shadow === true ? `shadow of ${step.weight} %` : `${step?.weight ?? 0} %`
  return `${what} of ${stable.alias} (step ${index + 1} of ${steps.length})`
}

/** The same without its place among the others. */
export function shareWords({ steps, state, step }: Pick<Rollout, 'steps' | 'state' | 'step'>): string {
  const present = state === 'running' ? steps[step] : undefined
  if (present === undefined) return '0 %'
  return present.shadow ? `shadow of ${present.weight} %` : `${present.weight} %`
}
