import { columnBatch, ensureTable } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { toMicros } from '../../src/catalog/instant.ts'
import { dimension } from '../../src/define/sources/dimension.ts'
import { featureView } from '../../src/define/feature-view.ts'
import { materialize } from '../../src/materialize/materialize.ts'
import { materializationPlanText } from '../../src/materialize/plan-text.ts'
import { planMaterialization } from '../../src/materialize/plan-materialization.ts'
import { customer } from './energy.ts'
import { inPlace } from './in-place.ts'

const columns = { customer_id: z.string(), city: z.string() }
const cities = dimension('mart.cities', { columns, entity: customer })
const view = featureView('city', {
  of: customer,
  from: cities,
  every: '1d',
  features: (f) => ({ city: f.attribute('city', { withoutHistory: 'allow' }) }),
})

test('a view over a dimension without history begins now, which the plan says, with how to begin earlier', () =>
  inPlace(async ({ warehouse, catalog }) => {
    await ensureTable(warehouse, {
      table: 'mart.cities',
      columns: [
        { name: 'customer_id', type: 'text' },
        { name: 'city', type: 'text' },
      ],
    })
    await warehouse.append(
      'mart.cities',
      columnBatch({ customer_id: { type: 'text', values: ['c1'] }, city: { type: 'text', values: ['Bern'] } }),
    )
    const run = { warehouse, catalog, views: [view], now: '2024-01-20T06:00Z' }
    const text =
      'first run, which begins now: mart.cities keeps no history; from (--from) begins earlier, with the attributes of today'
    expect(materializationPlanText(await planMaterialization(run))).toContain(text)
    const earlier = { ...run, from: '2024-01-15' }
    expect(materializationPlanText(await planMaterialization(earlier))).not.toContain('begins now')
    expect(await materialize(earlier)).toMatchObject([{ from: toMicros('2024-01-15'), rows: 6, reason: 'first run' }])
  }))
