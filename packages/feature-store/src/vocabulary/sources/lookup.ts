import { z } from 'zod'
import type { LookupPlan } from '../../plan/source-plan.ts'
import type { SourceKind } from './source-kind.ts'

/** What holds for everybody: no entity has it, and no view is made of its rows. */
export const lookup: SourceKind<LookupPlan> = {
  kind: 'lookup',
  fields: {
    day: z.string().nullable(),
    validFrom: z.string().nullable(),
    validTo: z.string().nullable(),
    knownAt: z.string().nullable(),
    knownAhead: z.boolean(),
    sequence: z.string().nullable(),
  },
  entities: () => [],
  roles: (source) => {
    const about = [source.day, source.validFrom].filter((column) => column !== null)
    const told = [source.knownAt, source.sequence].filter((column) => column !== null)
    return { time: null, always: about, identity: [...about, ...told] }
  },
  interval: (source) => source,
  bounds: (source) => [source.validFrom, source.validTo, source.knownAt],
  begins: () => null,
  // It says what may be read, and changes no value.
  core: ({ knownAhead: _, ...source }) => source,
  words: (source) => [
    ['day', source.day ?? 'not given'],
    ['valid from', source.validFrom ?? 'not given'],
    ['valid to', source.validTo ?? 'not given'],
    ['known at', source.knownAt ?? 'not given'],
    ['known ahead', source.knownAhead ? 'yes' : 'no'],
    ['sequence', source.sequence ?? 'not given'],
  ],
}
