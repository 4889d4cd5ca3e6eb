import { z } from 'zod'
import type { AggregatePlan } from '../../plan/feature-plan.ts'
import { expressionSchema } from '../algebra/expression-schema.ts'
import { computedColumns } from '../sources/source-schema.ts'
import { aggregates } from './list.ts'

export const aggregateSchema: z.ZodType<AggregatePlan> = z.looseObject({
  function: z.literal(aggregates.map(({ name }) => name)),
  column: z.string().nullable(),
  second: z.string().exactOptional(),
  parameters: z.record(z.string(), z.number()).exactOptional(),
  approximate: z.literal(true).exactOptional(),
  where: expressionSchema.nullable(),
  computed: computedColumns.exactOptional(),
})
