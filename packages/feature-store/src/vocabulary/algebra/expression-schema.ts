import { z } from 'zod'
import type { Expression, Scalar } from '../../plan/expression.ts'

const scalar: z.ZodType<Scalar> = z.union([z.string(), z.number(), z.boolean(), z.date()])

export const expressionSchema: z.ZodType<Expression> = z.lazy(() =>
  z.discriminatedUnion('kind', [
    z.looseObject({ kind: z.literal('column'), name: z.string() }),
    z.looseObject({ kind: z.literal('literal'), value: scalar.nullable() }),
    z.looseObject({
      kind: z.literal('binary'),
      operator: z.literal([
        'add',
        'subtract',
        'multiply',
        'divide',
        'equal',
        'notEqual',
        'less',
        'lessOrEqual',
        'greater',
        'greaterOrEqual',
        'and',
        'or',
      ]),
      left: expressionSchema,
      right: expressionSchema,
    }),
    z.looseObject({ kind: z.literal(['not', 'isNull', 'negate', 'abs']), operand: expressionSchema }),
    z.looseObject({ kind: z.literal('featureTime') }),
    z.looseObject({ kind: z.literal('dayStart'), operand: expressionSchema, zone: z.string().nullable() }),
    z.looseObject({ kind: z.literal('days'), from: expressionSchema, to: expressionSchema }),
    z.looseObject({ kind: z.literal(['previous', 'increase']), column: z.string(), ties: z.array(z.string()) }),
    z.looseObject({ kind: z.literal('sincePrevious'), ties: z.array(z.string()) }),
    z.looseObject({
      kind: z.literal('attribute'),
      of: z.string(),
      column: z.string(),
      on: z.array(z.string()),
      at: z.string(),
    }),
    z.looseObject({ kind: z.literal('oneOf'), operand: expressionSchema, values: z.array(scalar) }),
    z.looseObject({ kind: z.literal(['coalesce', 'least', 'greatest']), operands: z.array(expressionSchema) }),
    z.looseObject({
      kind: z.literal('case'),
      branches: z.array(z.looseObject({ when: expressionSchema, then: expressionSchema })),
      otherwise: expressionSchema,
    }),
  ]),
)
