import { z } from 'zod'
import type { FeaturePlan } from '../plan/feature-plan.ts'
import type { LabelPlan } from '../plan/label-plan.ts'
import type { OnDemandPlan } from '../plan/on-demand-plan.ts'
import type { EventsPlan, SourcePlan } from '../plan/source-plan.ts'
import { type ServicePlan, type ViewPlan } from '../plan/view-plan.ts'
import { expressionSchema } from './algebra/expression-schema.ts'
import { kindSchema } from './algebra/kind-schema.ts'
import { features } from './features/list.ts'
import { outcomes } from './outcomes/list.ts'
import { dimension } from './sources/dimension.ts'
import { sourceKinds, viewsOf } from './sources/list.ts'
import {
  columnTypeSchema,
  entitySchema,
  sourceColumnSchema,
  sourceSchema,
  tableFields,
} from './sources/source-schema.ts'
import { viewCycle, views } from './sources/views.ts'

const named = { name: z.string(), type: columnTypeSchema, nullable: z.boolean() }
const kinds = sourceKinds.map(({ kind, fields }) => ({
  kind,
  fields: kind === views.kind ? { ...fields, views: z.array(z.lazy(() => viewPlan)) } : fields,
}))
const source: z.ZodType<SourcePlan> = kindSchema(kinds, tableFields)
const events: z.ZodType<EventsPlan> = kindSchema(
  sourceKinds.filter((kind) => kind.events !== undefined),
  tableFields,
)
const feature: z.ZodType<FeaturePlan> = kindSchema(features, { ...named, renamedFrom: z.string().exactOptional() })
const grid: z.ZodType<ViewPlan['grid']> = z.union([
  z.looseObject({ every: z.number(), zone: z.string() }),
  z.looseObject({
    every: z.literal('continuous'),
    clock: z.literal(['wall', 'newest event']),
    zone: z.literal('UTC'),
  }),
])

const viewFields: z.ZodType<ViewPlan> = z.looseObject({
  name: z.string(),
  renamedFrom: z.string().exactOptional(),
  entity: entitySchema,
  source: source.nullable(),
  grid,
  delay: z.number(),
  ttl: z.number().nullable(),
  repair: z.number(),
  population: sourceSchema(dimension).nullable(),
  features: z.array(feature),
  hash: z.string(),
})

export const viewPlan: z.ZodType<ViewPlan> = viewFields.superRefine(({ name, source: read }, { addIssue }) => {
  const cycle = viewCycle(name, viewsOf(read))
  if (cycle !== undefined) addIssue({ code: 'custom', path: ['source'], message: `the view reads itself: ${cycle}` })
})

const keptValue = z.union([z.string(), z.number(), z.boolean()])
const exampleValue = keptValue.nullable()

const computed = {
  name: z.string(),
  inputs: z.array(
    z.looseObject({
      name: z.string(),
      view: z.string(),
      feature: z.string(),
      type: columnTypeSchema,
      default: keptValue.exactOptional(),
    }),
  ),
  request: z.array(sourceColumnSchema),
  hash: z.string(),
}

const onDemandPlan: z.ZodType<OnDemandPlan> = z.discriminatedUnion('kind', [
  z.looseObject({
    kind: z.literal('expressions'),
    ...computed,
    features: z.array(z.looseObject({ ...named, expression: expressionSchema })),
  }),
  z.looseObject({
    kind: z.literal('function'),
    ...computed,
    version: z.string(),
    features: z.array(sourceColumnSchema),
    examples: z
      .array(z.looseObject({ given: z.array(exampleValue), values: z.array(exampleValue).nullable() }))
      .exactOptional(),
  }),
])

const viewRead = {
  view: viewPlan,
  as: z.string().exactOptional(),
  keys: z.record(z.string(), z.string()).exactOptional(),
  features: z.array(z.string()),
  defaults: z.record(z.string(), keptValue).exactOptional(),
}

export const servicePlan: z.ZodType<ServicePlan> = z.looseObject({
  name: z.string(),
  views: z.array(
    z.looseObject({
      ...viewRead,
      inputs: z.array(z.string()).exactOptional(),
      via: z.looseObject(viewRead).exactOptional(),
    }),
  ),
  onDemand: z.array(z.looseObject({ plan: onDemandPlan, features: z.array(z.string()) })).exactOptional(),
  order: z.array(z.string()).exactOptional(),
  hash: z.string(),
})

export const labelPlan: z.ZodType<LabelPlan> = z.looseObject({
  ...named,
  nullable: z.boolean().exactOptional(),
  entity: entitySchema,
  fact: events,
  aggregate: z.union(outcomes.map(({ schema }) => schema)),
  gap: z.number(),
  length: z.number(),
  steps: z.number().exactOptional(),
  maturity: z.number(),
})
