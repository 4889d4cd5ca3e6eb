import { z } from 'zod'
import type { ColumnType } from '@martlet/warehouse'
import type { Expression, Scalar } from '../plan/expression.ts'
import type { AggregatePlan, FeaturePlan, RatioPlan, WindowPlan } from '../plan/feature-plan.ts'
import type { LabelPlan } from '../plan/label-plan.ts'
import type {
  ColumnCheck,
  DimensionPlan,
  EntityPlan,
  FactPlan,
  PrecomputedPlan,
  SourceColumn,
} from '../plan/source-plan.ts'
import type { GridPlan, ServicePlan, ViewPlan } from '../plan/view-plan.ts'

const columnType: z.ZodType<ColumnType> = z.union([
  z.literal(['boolean', 'integer', 'bigint', 'double', 'text', 'timestamp', 'date']),
  z.looseObject({ decimal: z.tuple([z.number(), z.number()]) }),
])
const scalar: z.ZodType<Scalar> = z.union([z.string(), z.number(), z.boolean(), z.date()])

const expression: z.ZodType<Expression> = z.lazy(() =>
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
      left: expression,
      right: expression,
    }),
    z.looseObject({ kind: z.literal(['not', 'isNull', 'negate', 'abs']), operand: expression }),
    z.looseObject({ kind: z.literal('oneOf'), operand: expression, values: z.array(scalar) }),
    z.looseObject({ kind: z.literal(['coalesce', 'least', 'greatest']), operands: z.array(expression) }),
    z.looseObject({
      kind: z.literal('case'),
      branches: z.array(z.looseObject({ when: expression, then: expression })),
      otherwise: expression,
    }),
  ]),
)

const entity: z.ZodType<EntityPlan> = z.looseObject({
  name: z.string(),
  keys: z.array(z.looseObject({ name: z.string(), type: columnType })),
})

const columnCheck: z.ZodType<ColumnCheck> = z.discriminatedUnion('kind', [
  z.looseObject({
    kind: z.literal('range'),
    min: z.number().exactOptional(),
    max: z.number().exactOptional(),
    exclusiveMin: z.boolean().exactOptional(),
    exclusiveMax: z.boolean().exactOptional(),
  }),
  z.looseObject({ kind: z.literal('enum'), values: z.array(z.string()) }),
  z.looseObject({ kind: z.literal('integer') }),
  z.looseObject({ kind: z.literal('length'), min: z.number().exactOptional(), max: z.number().exactOptional() }),
  z.looseObject({ kind: z.literal('pattern'), pattern: z.string() }),
])
const sourceColumn: z.ZodType<SourceColumn> = z.looseObject({
  name: z.string(),
  type: columnType,
  nullable: z.boolean(),
  checks: z.array(columnCheck),
})
const sourceTable = {
  table: z.string(),
  columns: z.array(sourceColumn),
  zone: z.string().nullable(),
  zones: z.record(z.string(), z.string()).exactOptional(),
  keyColumns: z.record(z.string(), z.record(z.string(), z.string())).exactOptional(),
}

const fact: z.ZodType<FactPlan> = z.looseObject({
  kind: z.literal('fact'),
  ...sourceTable,
  eventTime: z.string(),
  knownAt: z.string().nullable(),
  sequence: z.string().nullable(),
  entities: z.array(entity),
})
const dimension: z.ZodType<DimensionPlan> = z.looseObject({
  kind: z.literal('dimension'),
  ...sourceTable,
  entity,
  validFrom: z.string().nullable(),
  validTo: z.string().nullable(),
  sequence: z.string().exactOptional(),
})
const precomputed: z.ZodType<PrecomputedPlan> = z.looseObject({
  kind: z.literal('precomputed'),
  ...sourceTable,
  entity,
  time: z.string(),
  created: z.string().nullable(),
})

const aggregate: z.ZodType<AggregatePlan> = z.looseObject({
  function: z.literal([
    'count',
    'sum',
    'mean',
    'min',
    'max',
    'stddev',
    'variance',
    'first',
    'last',
    'distinct',
    'slope',
  ]),
  column: z.string().nullable(),
  where: expression.nullable(),
})
const ratio: z.ZodType<RatioPlan> = z.looseObject({
  function: z.literal('ratio'),
  numerator: aggregate,
  denominator: aggregate,
})
const windowPlan: z.ZodType<WindowPlan> = z.discriminatedUnion('kind', [
  z.looseObject({ kind: z.literal('time'), length: z.number(), shift: z.number() }),
  z.looseObject({ kind: z.literal('rows'), rows: z.number() }),
  z.looseObject({ kind: z.literal('lifetime') }),
])

const named = { name: z.string(), type: columnType, nullable: z.boolean() }
const namedFeature = { ...named, renamedFrom: z.string().exactOptional() }
const feature: z.ZodType<FeaturePlan> = z.discriminatedUnion('kind', [
  z.looseObject({
    kind: z.literal('aggregate'),
    ...namedFeature,
    aggregate: z.union([ratio, aggregate]),
    window: windowPlan,
  }),
  z.looseObject({ kind: z.literal('age'), ...namedFeature, where: expression.nullable() }),
  z.looseObject({
    kind: z.literal('calendar'),
    ...namedFeature,
    part: z.literal(['year', 'quarter', 'month', 'week', 'dayOfYear', 'dayOfMonth', 'dayOfWeek', 'hour', 'isWeekend']),
  }),
  z.looseObject({ kind: z.literal('attribute'), ...namedFeature, dimension, column: z.string() }),
  z.looseObject({ kind: z.literal('column'), ...namedFeature, column: z.string() }),
  z.looseObject({ kind: z.literal('derived'), ...namedFeature, expression }),
])

const grid: z.ZodType<GridPlan> = z.looseObject({ every: z.number(), zone: z.string() })

export const viewPlan: z.ZodType<ViewPlan> = z.looseObject({
  name: z.string(),
  renamedFrom: z.string().exactOptional(),
  entity,
  source: z.union([fact, dimension, precomputed]).nullable(),
  grid,
  delay: z.number(),
  ttl: z.number().nullable(),
  repair: z.number(),
  population: dimension.nullable(),
  features: z.array(feature),
  hash: z.string(),
})

export const servicePlan: z.ZodType<ServicePlan> = z.looseObject({
  name: z.string(),
  views: z.array(z.looseObject({ view: viewPlan, features: z.array(z.string()) })),
  hash: z.string(),
})

export const labelPlan: z.ZodType<LabelPlan> = z.looseObject({
  ...named,
  nullable: z.boolean().exactOptional(),
  entity,
  fact,
  aggregate: z.union([
    z.looseObject({ function: z.literal('happens'), where: expression.nullable() }),
    ratio,
    aggregate,
  ]),
  gap: z.number(),
  length: z.number(),
  maturity: z.number(),
})
