import { z } from 'zod'
import { sourceKeys, type PrecomputedPlan } from '../../plan/source-plan.ts'
import { entitySchema } from './source-schema.ts'
import type { SourceKind } from './source-kind.ts'

/** Rows that are features already, each with its time. */
export const precomputed: SourceKind<PrecomputedPlan> = {
  kind: 'precomputed',
  fields: { entity: entitySchema, time: z.string(), created: z.string().nullable() },
  entities: (source) => [source.entity],
  roles: (source) => {
    const keys = sourceKeys(source, source.entity)
    return {
      time: source.time,
      always: [...keys, source.time],
      identity: [...keys, source.time, ...(source.created === null ? [] : [source.created])],
    }
  },
  bounds: (source) => [source.created],
  passedThrough: (source) => source,
  begins: (source) => ({ column: source.time, inclusive: true }),
}
