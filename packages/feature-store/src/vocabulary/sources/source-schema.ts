import { z } from 'zod'
import type { ColumnType } from '@martlet/warehouse'
import type { ColumnCheck, ComputedColumn, EntityPlan, SourceColumn, SourcePlan } from '../../plan/source-plan.ts'
import { expressionSchema } from '../algebra/expression-schema.ts'
import { kindSchema } from '../algebra/kind-schema.ts'
import { checkKinds } from '../checks/list.ts'
import type { SourceKind } from './source-kind.ts'

export const columnTypeSchema: z.ZodType<ColumnType> = z.union([
  z.literal(['boolean', 'integer', 'bigint', 'double', 'text', 'timestamp', 'date']),
  z.looseObject({ decimal: z.tuple([z.number(), z.number()]) }),
])

export const entitySchema: z.ZodType<EntityPlan> = z.looseObject({
  name: z.string(),
  keys: z.array(z.looseObject({ name: z.string(), type: columnTypeSchema })),
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

const columnFields = { name: z.string(), type: columnTypeSchema, nullable: z.boolean(), checks: z.array(columnCheck) }
export const sourceColumnSchema: z.ZodType<SourceColumn> = z.looseObject(columnFields)

export const computedColumns: z.ZodType<readonly ComputedColumn[]> = z.array(
  z.looseObject({ ...columnFields, expression: expressionSchema }),
)

const checkFields = { name: z.string(), severity: z.enum(['error', 'warn', 'off']) }

/** The fields of every source's plan. */
export const tableFields: Readonly<Record<string, z.ZodType>> = {
  table: z.string(),
  columns: z.array(sourceColumnSchema),
  zone: z.string().nullable(),
  zones: z.record(z.string(), z.string()).exactOptional(),
  keyColumns: z.record(z.string(), z.record(z.string(), z.string())).exactOptional(),
  checks: z.array(kindSchema(checkKinds, checkFields)).exactOptional(),
}

/** The schema of a stored source of one kind. */
export function sourceSchema<P extends SourcePlan>(kind: SourceKind<P>): z.ZodType<P> {
  return kindSchema<P>([kind], tableFields)
}
