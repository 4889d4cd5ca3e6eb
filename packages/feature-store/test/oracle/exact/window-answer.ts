import type { AggregatePlan, RatioPlan, WindowPlan } from '../../../src/plan/feature-plan.ts'
import { windowRows } from '../oracle.ts'
import type { Row } from '../row.ts'
import { aggregateAnswer, ratioAnswer } from './aggregate-answer.ts'
import type { Answer } from './agree.ts'

/** The value of an aggregate in a window at T, of the facts that count at T. */
export function windowAnswer(
  aggregate: AggregatePlan | RatioPlan,
  window: WindowPlan,
  facts: readonly Row[],
  T: number,
): Answer {
  const seen = (plan: AggregatePlan) => windowRows(plan, window, facts, T)
  if (!('numerator' in aggregate)) return aggregateAnswer(aggregate, seen(aggregate))
  const { numerator, denominator } = aggregate
  return ratioAnswer({ plan: numerator, rows: seen(numerator) }, { plan: denominator, rows: seen(denominator) })
}
