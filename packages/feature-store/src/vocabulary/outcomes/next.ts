import { sql } from '@martlet/warehouse'
import { z } from 'zod'
import type { NextPlan } from '../../plan/label-plan.ts'
import { expressionColumns } from '../algebra/expression-columns.ts'
import { expressionSchema } from '../algebra/expression-schema.ts'
import { expressionText } from '../algebra/expression-words.ts'
import type { OutcomeKind } from './outcome-kind.ts'

/** The class of a window without facts. */
export const NONE = 'none'

/** Which kind of fact comes first: a class. Facts without a value are skipped, but are not nothing. */
export const next: OutcomeKind<NextPlan> = {
  schema: z.looseObject({ function: z.literal('next'), column: z.string(), where: expressionSchema.nullable() }),
  words: ({ column, where }) => `next ${column}${where === null ? '' : ` where ${expressionText(where)}`}`,
  reads: ({ column, where }) => [column, ...expressionColumns(where)],
  measured: ({ column, where }, { type }) => [
    { aggregate: { function: 'first', column, where }, type },
    { aggregate: { function: 'count', column: null, where }, type: 'bigint' },
  ],
  value: (first, count) => {
    if (count === undefined) throw new Error('next is made of the first value and a count')
    return sql`CASE WHEN ${count.sql} = 0 THEN ${sql.lit(NONE)} ELSE ${first.typed} END`
  },
}
