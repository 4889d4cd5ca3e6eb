import { z } from 'zod'
import fc from 'fast-check'
import type { Warehouse } from '@martlet/warehouse'
import { entity, fact, featureService, featureView, precomputed } from '../../src/index.ts'
import { replaceTable } from '../oracle/mart-tables.ts'
import type { Row } from '../oracle/row.ts'
import {
  buildView,
  contractRow,
  contracts,
  DAYS,
  factRow,
  site,
  START,
  viewChoice,
  type ViewChoice,
} from '../oracle/random-mart.ts'

export const HOUR = 3_600_000_000
export const DAY = 24 * HOUR

const region = entity('region', { region: z.string() })
const regional = fact('mart.readings', {
  columns: {
    region: z.string(),
    ts: z.date(),
    seq: z.int(),
    x: z.number().nullable(),
    c: z.enum(['a', 'b', 'c']).nullable(),
  },
  entities: [region],
  eventTime: 'ts',
  sequence: 'seq',
})
const scored = precomputed('mart.scores', {
  columns: {
    region: z.string(),
    site_id: z.int(),
    computed_at: z.date(),
    loaded_at: z.date(),
    score: z.number().nullable(),
  },
  entity: site,
  time: 'computed_at',
  created: 'loaded_at',
})

export interface ServiceChoice {
  readonly view: ViewChoice
  readonly ttl: boolean
}

/**
 * A service over views of a composite key, of a key of its own, of a dimension, of a precomputed table and of nobody.
 */
export function buildService(choice: ServiceChoice) {
  const { every, delay, zone } = choice.view
  const ttl = choice.ttl ? { ttl: '3d' as const } : {}
  const regions = featureView('regions', {
    of: region,
    from: regional,
    every: '12h',
    delay: '90m',
    ...ttl,
    features: (f) => ({ n: f.count().over('1d'), total: f.sum('x').over('36h'), kinds: f.distinct('c').lifetime() }),
    derive: (v) => ({ mean: v.total_36h.div(v.n_1d) }),
  })
  const terms = featureView('terms', {
    of: site,
    from: contracts,
    every,
    delay,
    zone,
    ...ttl,
    features: (f) => ({ tariff: f.attribute('tariff'), level: f.attribute('level') }),
  })
  const scores = featureView('scores', {
    of: site,
    from: scored,
    every: '1d',
    delay: '6h',
    ...ttl,
    features: (f) => ({ score: f.column('score') }),
  })
  const calendar = featureView('calendar', {
    every: '6h',
    zone,
    features: (f) => ({ hour: f.calendar('hour'), weekday: f.calendar('dayOfWeek'), weekend: f.calendar('isWeekend') }),
  })
  return featureService('random_service', [buildView(choice.view), regions, terms, scores, calendar])
}

export const serviceChoice = fc.record({ view: viewChoice, ttl: fc.boolean() })

const scoreRow = factRow.map((row): Row => ({
  region: row['region'] ?? null,
  site_id: row['site_id'] ?? null,
  computed_at: row['ts'] ?? null,
  loaded_at: row['arrived'] === null ? null : Number(row['arrived']) + Number(row['seq']) * HOUR,
  score: row['n'] ?? null,
}))

/**
 * Contracts with one start per entity, and scores with one row for key, time and creation: among others the choice is
 * the engine's.
 */
export const mart = fc.record({
  facts: fc.array(factRow, { maxLength: 60 }),
  contracts: fc.array(contractRow, { maxLength: 12 }),
  scores: fc.uniqueArray(scoreRow, {
    maxLength: 30,
    selector: (row) => [row['region'], row['site_id'], row['computed_at'], row['loaded_at']].join('|'),
  }),
})

export async function loadScores(warehouse: Warehouse, rows: readonly Row[]): Promise<void> {
  await replaceTable(
    warehouse,
    'mart.scores',
    { region: 'text', site_id: 'bigint', computed_at: 'timestamp', loaded_at: 'timestamp', score: 'double' },
    rows,
  )
}

/** Before any feature time of the random mart, and after any. */
export const FIRST = BigInt(START - 4 * DAY)
export const LAST = BigInt(START + (DAYS + 2) * DAY)
