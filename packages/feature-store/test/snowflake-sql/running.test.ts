import fc from 'fast-check'
import { sql } from 'kysely'
import { openDuckDb } from '@martlet/warehouse'
import { afterAll, expect, test } from 'vitest'
import { expectAllowed } from '../../../warehouse/test/snowflake-sql/expect-allowed.ts'
import { recordSnowflake } from '../../../warehouse/test/snowflake-sql/recorder.ts'
import { buildTrainingSet, dimension, entity, fact, featureService, featureView, happens, label, precomputed } from '../../src/index.ts'
import { materialize } from '../../src/materialize/materialize.ts'
import { checkView } from '../../src/quality/check-view.ts'
import { toMicros } from '../../src/catalog/instant.ts'
import { changedUsage, createMart, customerUsage, inPlace, usage } from '../materialize/energy.ts'
import { z } from 'zod'

test('materializing, changing a view and the quality checks of its sources', () => inPlace(async ({ warehouse: duckdb, catalog }) => {
  await createMart(duckdb)
  const { warehouse, texts } = recordSnowflake(duckdb)
  await materialize({ warehouse, catalog, views: [customerUsage], now: '2024-01-12T06:00Z', chunk: { instants: 4 } })
  await materialize({ warehouse, catalog, views: [customerUsage], now: '2024-01-20T06:00Z' })
  await materialize({ warehouse, catalog, views: [customerUsage], now: '2024-01-20T06:00Z', from: '2024-01-05', to: '2024-01-08' })
  await materialize({ warehouse, catalog, views: [changedUsage], now: '2024-01-22T06:00Z' })
  const twin = featureView('twin', { of: customerUsage.plan.entity === undefined ? expect.fail() : entity('customer', { customer_id: z.string() }), from: usage, every: '1d', delay: '6h', features: (f) => ({ spread: f.stddev('kwh').over('7d'), last: f.last('kwh').over('7d') }) })
  await materialize({ warehouse, catalog, views: [twin], now: '2024-01-22T06:00Z' })
  expect([...texts].some((text) => text.startsWith('INSERT'))).toBe(true)
  expectAllowed('materialize', [...texts])
}))
