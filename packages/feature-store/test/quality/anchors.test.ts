import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { openDuckDb } from '@martlet/warehouse'
import { entity, event, fact, featureView, materialize, openCatalog } from '../../src/index.ts'
import { findingText } from '../../src/quality/finding.ts'

test('services are rare, and a vehicle before its first one has no window: neither is a finding', async () => {
  await using warehouse = await openDuckDb()
  await using catalog = await openCatalog({ path: ':memory:' })
  await warehouse.run(sql`CREATE SCHEMA IF NOT EXISTS mart`)
  await warehouse.run(sql`
    CREATE TABLE mart.driven AS
    SELECT 'a' AS vehicle_id, TIMESTAMP '2024-03-01 12:00' + to_days(CAST(d AS INTEGER)) AS ts, 1.5::DOUBLE AS km FROM range(30) r(d)
    UNION ALL SELECT 'b', TIMESTAMP '2024-03-01 12:00' + to_days(CAST(d AS INTEGER)), 1e308::DOUBLE FROM range(30) r(d)
  `)
  await warehouse.run(sql`
    CREATE TABLE mart.serviced AS
    SELECT 'a' AS vehicle_id, TIMESTAMP '2024-01-01' AS done_at UNION ALL SELECT 'a', TIMESTAMP '2024-03-05'
    UNION ALL SELECT 'b', TIMESTAMP '2023-01-01'
  `)
  const vehicle = entity('vehicle', { vehicle_id: z.string() })
  const driven = fact('mart.driven', {
    columns: { vehicle_id: z.string(), ts: z.date(), km: z.number() },
    entities: [vehicle],
    eventTime: 'ts',
  })
  const serviced = fact('mart.serviced', {
    columns: { vehicle_id: z.string(), done_at: z.date() },
    entities: [vehicle],
    eventTime: 'done_at',
  })
  const wear = featureView('wear', {
    of: vehicle,
    from: driven,
    every: '1d',
    ttl: '3d',
    features: (f) => ({ km: f.sum('km').since(event('service', serviced)), all: f.sum('km').lifetime() }),
  })
  const found: string[] = []
  const now = new Date('2024-03-31T00:00:00Z')
  await materialize({
    warehouse,
    catalog,
    views: [wear],
    now,
    onProgress: (event) => {
      if (event.type === 'quality') found.push(...event.findings.map(findingText))
    },
  })
  expect(found.filter((text) => text.includes('mart.serviced'))).toEqual([])
  // The sum that does not fit is found where it cannot be null for another reason.
  expect(found.filter((text) => text.includes('beyond the range')).map((text) => text.split(':')[0])).toEqual([
    'warn features.wear.all',
  ])
})
