import type { AggregatePlan } from '../../plan/feature-plan.ts'
import { expressionText } from '../algebra/expression-words.ts'

/** `any((kwh > 0) where (tariff = 'peak'))`, of the count of rows for which the condition is true. */
export function conditionWords(name: string, { condition, where }: AggregatePlan): string {
  const tested = condition === undefined ? 'true' : expressionText(condition)
  return `${name}(${tested}${where === null ? '' : ` where ${expressionText(where)}`})`
}
