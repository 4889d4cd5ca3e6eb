import { expect } from 'vitest'
import type { Value } from '../row.ts'

/** What a feature must be. */
export interface Answer {
  readonly value: Value
  /** A value that was chosen or counted, not computed, has all its digits. */
  readonly chosen?: true
  /** Doubles leave their range on the way to the value, so null is right as well. */
  readonly orNull?: true
  /**
   * How far rounding alone may move the value, where that is more than nine digits of it: where products cancel, or
   * squares are too small for doubles.
   */
  readonly rounding?: number
}

const NINE_DIGITS = 1e-9

/** Why a value is not the one expected; undefined when they agree. */
export function disagreement(actual: Value, expected: Value | Answer): string | undefined {
  const answer = isAnswer(expected) ? expected : { value: expected }
  if (holds(actual, answer)) return undefined
  return `${JSON.stringify(shown(actual))} instead of ${JSON.stringify(shown(answer.value))}`
}

export function agree(actual: Value, expected: Value | Answer, where: string): void {
  expect(disagreement(actual, expected), where).toBeUndefined()
}

function holds(actual: Value, { value, chosen, orNull, rounding = 0 }: Answer): boolean {
  if (actual === null && orNull === true) return true
  if (typeof actual !== 'number' || typeof value !== 'number' || chosen === true) return actual === value
  return Math.abs(actual - value) <= Math.max(NINE_DIGITS * Math.abs(value), rounding)
}

export function isAnswer(given: Value | Answer): given is Answer {
  return typeof given === 'object' && given !== null
}

/** JSON has no infinite numbers. */
function shown(value: Value): Value {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
}
