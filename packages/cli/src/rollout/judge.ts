import { presentStep, type EvidenceRecord, type Rollout } from '@martlet/registry'
import { ageWords, counted } from '../terminal/words.ts'
import { evidenceSides } from './evidence-sides.ts'
import { readings } from './guards.ts'

/** What is to be done with a running roll-out, and why, with the numbers that decided. */
export interface Verdict {
  readonly decision: 'back' | 'advance' | 'wait'
  readonly sentence: string
}

/**
 * Goes back when a guard is beyond its limit by more than chance; goes on when the step has lasted long enough and its candidate has
 * had enough requests; waits otherwise.
 *
 * @param now milliseconds since the epoch
 */
export function judge(rollout: Rollout, records: readonly EvidenceRecord[], now: number): Verdict {
  const sides = evidenceSides(rollout, records)
  const { requests } = sides.candidate
  const lasted = Math.max(0, now - rollout.stepSince.getTime())
  const since = `${counted(requests, 'request')} in ${ageWords(lasted)}`
  const seen = readings(rollout, sides)
  const breaches = seen.filter(({ breach }) => breach !== undefined)
  if (breaches.length > 0) {
    const what = breaches.map(({ words, breach }) => `${words}, ${breach}`).join('; ')
    return { decision: 'back', sentence: `${what}; ${since}` }
  }
  const numbers = seen.map(({ words }) => `; ${words}`).join('')
  const step = presentStep(rollout)
  if (step === undefined) return { decision: 'wait', sentence: `it is ${rollout.state}` }
  const isLongEnough = lasted >= step.holdMinutes * 60_000
  if (isLongEnough && requests >= step.minRequests)
    return { decision: 'advance', sentence: `${since} without a breach${numbers}` }
  const needs = [
    ...(isLongEnough ? [] : [`${ageWords(step.holdMinutes * 60_000)}`]),
    ...(requests >= step.minRequests ? [] : [counted(step.minRequests, 'request')]),
  ]
  return { decision: 'wait', sentence: `${since} of ${needs.join(' and ')}${numbers}` }
}
