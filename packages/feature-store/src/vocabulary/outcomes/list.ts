import type { LabelPlan } from '../../plan/label-plan.ts'
import { aggregate } from './aggregate.ts'
import { happens } from './happens.ts'
import { next } from './next.ts'
import { timeTo } from './time-to.ts'
import type { OutcomeKind } from './outcome-kind.ts'

/** The kinds of labels that are no aggregates, by the function of their plans. */
const named = new Map<string, OutcomeKind>([
  ['happens', happens],
  ['next', next],
  ['timeTo', timeTo],
])

/** Every kind of label. */
export const outcomes: readonly OutcomeKind[] = [...named.values(), aggregate]

export function outcomeKind({ function: name }: LabelPlan['aggregate']): OutcomeKind {
  return named.get(name) ?? aggregate
}
