import { checkView, entity, fact, featureView, toMicros, type QualityReport } from '@martlet/feature-store'
import type { Warehouse } from '@martlet/warehouse'
import { z } from 'zod'

const zone = entity('zone', { zone: z.string() })

/** The rows as the file has them, before the loader separates the two occurrences of an hour. */
const load = fact('staging.pjm_load', {
  columns: { zone: z.string(), ts: z.date(), mw: z.number() },
  entities: [zone],
  eventTime: 'ts',
  zone: 'America/New_York',
})

const zoneLoad = featureView('zone_load', {
  of: zone,
  from: load,
  every: '1d',
  features: (f) => ({ mw: f.mean('mw').over('1d') }),
})

/**
 * Checks `staging.pjm_load`, which `loadPjmMart` leaves there. Gaps and ends of histories are left to the mart's checks: on a local
 * clock that shows an hour twice, the hour before it seems to be missing.
 */
export async function checkPjmRows(warehouse: Warehouse): Promise<QualityReport> {
  const severity = {
    'staging.pjm_load.gaps': 'off',
    'staging.pjm_load.silent': 'off',
    'staging.pjm_load.ts.freshness': 'off',
  } as const
  return checkView(warehouse, zoneLoad, { from: null, to: null, now: toMicros(new Date()) }, { severity })
}
