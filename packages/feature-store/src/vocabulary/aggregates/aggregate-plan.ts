import { z } from 'zod'
import type { AggregatePlan, CombinedPlan } from '../../plan/feature-plan.ts'
import { expressionColumns } from '../algebra/expression-columns.ts'
import { expressionText } from '../algebra/expression-words.ts'
import { aggregateSchema } from './aggregate-schema.ts'
import { combinationOf, combinations, isCombined } from './combinations.ts'
import { aggregateKind } from './list.ts'
import { withoutComputed } from '../sources/computed.ts'

/** What a feature or a label computes: one aggregate, or what is made of several. */
export const computedSchema: z.ZodType<AggregatePlan | CombinedPlan> = z.union([
  ...combinations.map(({ function: name, fields }) => z.looseObject({ function: z.literal(name), ...fields })),
  aggregateSchema,
]) as unknown as z.ZodType<AggregatePlan | CombinedPlan>

/** The plain aggregates that one is made of: itself, or those that it combines. */
export function aggregatePlans(plan: AggregatePlan | CombinedPlan): readonly AggregatePlan[] {
  return isCombined(plan) ? (combinationOf(plan)?.parts(plan) ?? []) : [plan]
}

/** The columns of the fact that an aggregate reads, conditions included. */
export function aggregateReads(plan: AggregatePlan | CombinedPlan): readonly string[] {
  return aggregatePlans(plan).flatMap(({ column, second, where, computed = [] }) => [
    ...withoutComputed(
      computed,
      [column, second].filter((name) => typeof name === 'string'),
    ),
    ...expressionColumns(where),
  ])
}

/** `sum(kwh where (kwh > 0))` */
export function aggregateWords(plan: AggregatePlan | CombinedPlan): string {
  return isCombined(plan) ? (combinationOf(plan)?.words(plan, plainWords) ?? plan.function) : plainWords(plan)
}

function plainWords(plan: AggregatePlan): string {
  const { function: name, column, second, parameters, approximate, where, computed = [] } = plan
  const text = (of: string): string => {
    const own = computed.find((one) => one.name === of)
    return own === undefined ? of : expressionText(own.expression)
  }
  const taken = parameters === undefined ? [] : (aggregateKind(name).parameterWords?.(parameters) ?? [])
  const columns = [column ?? '*', ...(second === undefined ? [] : [second])].map(text)
  const of = [...columns, ...taken].join(', ')
  const condition = where === null ? '' : ` where ${expressionText(where)}`
  return `${approximate === true ? 'approximate ' : ''}${name}(${of}${condition})`
}
