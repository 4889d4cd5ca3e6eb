import { sql } from '@martlet/warehouse'
import { z } from 'zod'
import type { TimeToPlan } from '../../plan/label-plan.ts'
import { MICROS_PER_DAY } from '../../plan/time/duration-text.ts'
import { expressionColumns } from '../algebra/expression-columns.ts'
import { expressionSchema } from '../algebra/expression-schema.ts'
import { expressionText } from '../algebra/expression-words.ts'
import { integer } from '../algebra/integer.ts'
import type { OutcomeKind } from './outcome-kind.ts'

/** How long until a fact, and whether it was seen: censored at the end of the window, or of what is known. */
export const timeTo: OutcomeKind<TimeToPlan> = {
  schema: z.looseObject({ function: z.literal('timeTo'), where: expressionSchema.nullable() }),
  words: ({ where }) => `days to the next fact${where === null ? '' : ` where ${expressionText(where)}`}`,
  reads: ({ where }) => expressionColumns(where),
  measured: ({ where }, { fact }) => [
    { aggregate: { function: 'first', column: fact.eventTime, where }, type: 'timestamp' },
  ],
  sofar: (leaves, { gap, length }, { t, known }, first) => {
    const end = integer(gap + length)
    const event = leaves.epochMicros(first.typed)
    const begun = sql`${t} + ${integer(gap)} < ${integer(known)}`
    const seen = sql`COALESCE(${event} < ${integer(known)}, FALSE)`
    const micros = sql`
      CASE
        WHEN ${seen} THEN ${event} - ${t}
        WHEN ${t} + ${end} <= ${integer(known)} THEN ${end}
        ELSE ${integer(known)} - ${t} END
    `
    const days = sql`(${leaves.toDouble(micros)} / ${sql.lit(MICROS_PER_DAY)})`
    return [sql`CASE WHEN ${begun} THEN ${days} END`, sql`CASE WHEN ${begun} THEN ${seen} END`]
  },
}
