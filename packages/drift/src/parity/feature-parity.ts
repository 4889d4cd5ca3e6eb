import { significant } from '../verdict/stable-number.ts'
import type { FieldCount } from './count-mismatches.ts'
import { ruleOf } from './parity-rules.ts'
import type { ParityRules } from './parity-request.ts'
import { parityReasons, type FeatureParity, type ParityExample, type ParityReason } from './parity-result.ts'

/** A field of one service in one window. */
export interface FoundField extends FieldCount {
  /** The place of its window in the request. */
  readonly window: number
  readonly examples: readonly ParityExample[]
}

/** The fields of a window, those of several services under one name together, worst first. */
export function featureParity(
  found: readonly FoundField[],
  rules: ParityRules,
  most: number,
): readonly FeatureParity[] {
  const named = Map.groupBy(
    found.filter(({ compared }) => compared > 0),
    ({ field }) => field.name,
  )
  return [...named]
    .map(([name, fields]) => together(name, fields, rules, most))
    .toSorted((a, b) => Number(a.passes) - Number(b.passes) || a.match - b.match || (a.feature < b.feature ? -1 : 1))
}

function together(feature: string, fields: readonly FoundField[], rules: ParityRules, most: number): FeatureParity {
  const { atLeast, allow } = ruleOf(rules, feature)
  const sum = (of: (field: FoundField) => number): number => fields.reduce((total, field) => total + of(field), 0)
  const [compared, equal, measured] = [sum((one) => one.compared), sum((one) => one.equal), sum((one) => one.measured)]
  const reasons = parityReasons.flatMap((reason): [ParityReason, number][] => {
    const count = sum((one) => one.reasons[reason] ?? 0)
    return count === 0 ? [] : [[reason, count]]
  })
  const allowed = reasons.reduce((total, [reason, count]) => total + (allow.includes(reason) ? count : 0), 0)
  const largest = fields.reduce<number | null>(
    (most, one) => (one.largest === null ? most : Math.max(most ?? 0, one.largest)),
    null,
  )
  // Engines add doubles in any order, so the last digits are left out.
  const mean =
    measured === 0
      ? null
      : significant(
          sum((one) => one.mean * (one.measured / measured)),
          9,
        )
  return {
    feature,
    type: fields[0]?.field.type ?? 'double',
    compared,
    equal,
    match: equal / compared,
    atLeast,
    passes: (equal + allowed) / compared >= atLeast,
    reasons: Object.fromEntries(reasons),
    meanDifference: mean,
    largestDifference: largest === null ? null : significant(largest, 9),
    examples: fields
      .flatMap(({ examples }) => examples)
      .toSorted((a, b) => apart(b) - apart(a))
      .slice(0, most),
  }
}

/** How far the numbers of an example are apart; −1 where it has none. */
function apart({ logged, recomputed }: ParityExample): number {
  const distance = logged === null || recomputed === null ? Number.NaN : Math.abs(Number(logged) - Number(recomputed))
  return Number.isNaN(distance) ? -1 : distance
}
