import { z } from 'zod'
import { sourceKeys, type DimensionPlan } from '../../plan/source-plan.ts'
import { entitySchema } from './source-schema.ts'
import type { SourceKind } from './source-kind.ts'

/** Attributes of an entity, each for as long as its row holds. */
export const dimension: SourceKind<DimensionPlan> = {
  kind: 'dimension',
  fields: {
    entity: entitySchema,
    validFrom: z.string().nullable(),
    validTo: z.string().nullable(),
    sequence: z.string().exactOptional(),
  },
  entities: (source) => [source.entity],
  roles: (source) => {
    const keys = sourceKeys(source, source.entity)
    const from = source.validFrom === null ? [] : [source.validFrom]
    return { time: null, always: [...keys, ...from], identity: [...keys, ...from] }
  },
  interval: (source) => source,
  bounds: (source) => [source.validFrom, source.validTo],
  attributes: (source) => source,
  begins: ({ validFrom }) => (validFrom === null ? null : { column: validFrom, inclusive: true }),
}
