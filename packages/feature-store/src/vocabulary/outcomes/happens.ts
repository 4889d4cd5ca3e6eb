import { sql } from '@martlet/warehouse'
import { z } from 'zod'
import type { HappensPlan } from '../../plan/label-plan.ts'
import { expressionColumns } from '../algebra/expression-columns.ts'
import { expressionSchema } from '../algebra/expression-schema.ts'
import { expressionText } from '../algebra/expression-words.ts'
import type { OutcomeKind } from './outcome-kind.ts'

/** Whether something happens. */
export const happens: OutcomeKind<HappensPlan> = {
  schema: z.looseObject({ function: z.literal('happens'), where: expressionSchema.nullable() }),
  words: ({ where }) => `happens${where === null ? '' : ` where ${expressionText(where)}`}`,
  reads: ({ where }) => expressionColumns(where),
  measured: ({ where }) => [{ aggregate: { function: 'count', column: null, where }, type: 'bigint' }],
  value: (count) => sql`(${count.sql} > 0)`,
}
