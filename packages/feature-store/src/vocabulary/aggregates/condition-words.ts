import type { AggregatePlan } from '../../plan/feature-plan.ts'
import { expressionText } from '../algebra/expression-words.ts'

/** `any((kwh > 0) where (tariff = 'peak'))`, of the count of rows for which the condition is true. */
export function conditionWords(name: string, { column, computed = [], where }: AggregatePlan): string {
  const counted = computed.find((one) => one.name === column)?.expression
  const [branch] = counted?.kind === 'case' ? counted.branches : []
  const tested = branch === undefined ? 'true' : expressionText(branch.when)
  return `${name}(${tested}${where === null ? '' : ` where ${expressionText(where)}`})`
}
