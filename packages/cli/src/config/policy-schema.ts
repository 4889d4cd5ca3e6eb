import type { DriftPolicy } from '@martlet/drift'
import { z } from 'zod'

const number = z.number()
const count = z.number({ error: 'must be a number' })
const floor = z.strictObject({ warn: number, crit: number }, { error: 'must be { warn, crit }' })
const floors = z.record(z.string(), floor)

/** A policy that is missing a key here does not compile. Which numbers make sense is said when the monitor runs. */
const keys = {
  alpha: count,
  minimumRows: count,
  floors,
  columnFloors: z.record(z.string(), floors),
  learnt: z.enum(['atLeast', 'instead', 'never']),
  nullRate: floor,
  unseen: floor,
  volume: floor,
  gap: floor,
  silent: floor,
  namedEntities: count,
  freshnessHours: floor.nullable(),
  arrivalHours: count,
  confirm: z.strictObject({ windows: number, of: number }, { error: 'must be { windows, of }' }),
  quiet: z.strictObject({ windows: number }, { error: 'must be { windows }' }),
  failOn: z.enum(['warn', 'crit']),
  exact: z.enum(['never', 'auto', 'always']),
  joint: z.enum(['off', 'auto']),
  auc: floor,
} satisfies Record<keyof DriftPolicy, z.ZodType>

export const policySchema: z.ZodType = z.strictObject(keys).partial()
