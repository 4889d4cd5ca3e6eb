import { z } from 'zod'
import { sourceKeys, type FactPlan } from '../../plan/source-plan.ts'
import { computedColumns, entitySchema } from './source-schema.ts'
import type { SourceKind } from './source-kind.ts'

/** Events with a time, and perhaps one at which they became known. */
export const fact: SourceKind<FactPlan> = {
  kind: 'fact',
  fields: {
    eventTime: z.string(),
    knownAt: z.string().nullable(),
    sequence: z.string().nullable(),
    entities: z.array(entitySchema),
    computed: computedColumns.exactOptional(),
  },
  entities: (source) => source.entities,
  roles: (source, entity) => {
    const keys = new Set(source.entities.flatMap((one) => sourceKeys(source, one)))
    return {
      time: source.eventTime,
      always: [...sourceKeys(source, entity), source.eventTime],
      identity: [...keys, source.eventTime, ...(source.sequence === null ? [] : [source.sequence])],
    }
  },
  bounds: (source) => [source.knownAt],
  events: (source) => source,
  begins: (source) => ({ column: source.eventTime, inclusive: false }),
  // A fact may gain entities without changing the features of those it had.
  core: (source, entity) => ({
    ...source,
    entities: undefined,
    keyColumns: entity === undefined ? source.keyColumns : source.keyColumns?.[entity],
  }),
  words: (source) => [
    ['event time', source.eventTime],
    ['known at', source.knownAt ?? 'not given'],
    ['sequence', source.sequence ?? 'not given'],
  ],
}
