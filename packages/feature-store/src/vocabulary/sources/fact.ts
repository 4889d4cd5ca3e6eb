import { z } from 'zod'
import { sourceKeys, type EntityPlan, type FactPlan } from '../../plan/source-plan.ts'
import { tableColumns } from './computed.ts'
import { dimension } from './dimension.ts'
import { computedColumns, entitySchema, sourceSchema } from './source-schema.ts'
import type { SourceKind } from './source-kind.ts'

/** Events with a time, and perhaps one at which they became known. */
export const fact: SourceKind<FactPlan> = {
  kind: 'fact',
  fields: {
    eventTime: z.string(),
    knownAt: z.string().nullable(),
    end: z.string().exactOptional(),
    sequence: z.string().nullable(),
    entities: z.array(entitySchema),
    computed: computedColumns.exactOptional(),
    dimensions: z.array(z.looseObject({ name: z.string(), dimension: sourceSchema(dimension) })).exactOptional(),
  },
  entities: (source) => source.entities,
  roles: (source, entity) => {
    // A key that a dimension gives is known by the columns that the dimension is joined on.
    const keysOf = (one: EntityPlan): readonly string[] => tableColumns(source, sourceKeys(source, one))
    const keys = source.entities.flatMap(keysOf)
    const sequence = source.sequence === null ? [] : [source.sequence]
    return {
      time: source.eventTime,
      always: [...new Set([...keysOf(entity), source.eventTime])],
      identity: [...new Set([...keys, source.eventTime, ...sequence])],
    }
  },
  bounds: (source) => [source.knownAt, source.end ?? null],
  events: (source) => source,
  begins: (source) => ({ column: source.eventTime, inclusive: false }),
  // A fact may gain entities without changing the features of those it had.
  core: (source, entity) => ({
    ...source,
    entities: undefined,
    dimensions: undefined,
    keyColumns: entity === undefined ? source.keyColumns : source.keyColumns?.[entity],
  }),
  words: (source) => [
    ['event time', source.eventTime],
    ['known at', source.knownAt ?? 'not given'],
    ['end', source.end ?? 'not given'],
    ['sequence', source.sequence ?? 'not given'],
  ],
}
