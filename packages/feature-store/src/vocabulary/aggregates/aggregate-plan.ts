import { z } from 'zod'
import type { AggregatePlan, RatioPlan } from '../../plan/feature-plan.ts'
import { expressionColumns } from '../algebra/expression-columns.ts'
import { expressionSchema } from '../algebra/expression-schema.ts'
import { expressionText } from '../algebra/expression-words.ts'
import { aggregateKind, aggregates } from './list.ts'
import { withoutComputed } from '../sources/computed.ts'
import { computedColumns } from '../sources/source-schema.ts'

export const aggregateSchema: z.ZodType<AggregatePlan> = z.looseObject({
  function: z.literal(aggregates.map(({ name }) => name)),
  column: z.string().nullable(),
  second: z.string().exactOptional(),
  parameters: z.record(z.string(), z.number()).exactOptional(),
  approximate: z.literal(true).exactOptional(),
  where: expressionSchema.nullable(),
  computed: computedColumns.exactOptional(),
})

export const ratioSchema: z.ZodType<RatioPlan> = z.looseObject({
  function: z.literal('ratio'),
  numerator: aggregateSchema,
  denominator: aggregateSchema,
})

export function isRatio(plan: AggregatePlan | RatioPlan): plan is RatioPlan {
  return 'numerator' in plan
}

/** The plain aggregates that one is made of: itself, or both sides of a ratio. */
export function aggregatePlans(plan: AggregatePlan | RatioPlan): readonly AggregatePlan[] {
  return isRatio(plan) ? [plan.numerator, plan.denominator] : [plan]
}

/** The columns of the fact that an aggregate reads, conditions included. */
export function aggregateReads(plan: AggregatePlan | RatioPlan): readonly string[] {
  return aggregatePlans(plan).flatMap(({ column, second, where, computed = [] }) => [
    ...withoutComputed(
      computed,
      [column, second].filter((name) => typeof name === 'string'),
    ),
    ...expressionColumns(where),
  ])
}

/** `sum(kwh where (kwh > 0))` */
export function aggregateWords(plan: AggregatePlan | RatioPlan): string {
  return aggregatePlans(plan).map(plainWords).join(' / ')
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
