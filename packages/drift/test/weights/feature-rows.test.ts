import type { Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import { profileReference, runDrift } from '../../src/index.ts'
import { relativeWeight } from '../../src/count/weigh-rows.ts'
import { normal } from '../random.ts'
import { columnResult, double, tableOf } from '../tables.ts'

let warehouse: Warehouse

beforeAll(async () => {
  warehouse = await openTestWarehouse()
})
afterAll(() => warehouse.close())

const now = new Date('2026-03-01T00:00:00Z')

it.each(['usage__turnover', 'turnover'])(
  'feature rows count by %s, a feature or a column of their table',
  async (weight) => {
    const draw = normal(3)
    const rows = Array.from({ length: 400 }, (_, index) => ({ kwh: draw(), turnover: index % 4 === 0 ? 50 : 1 }))
    const turnover = double(rows.map((row) => row.turnover))
    const profile = await profileReference(warehouse, {
      name: 'usage',
      relation: await tableOf(warehouse, { usage__kwh: double(rows.map(({ kwh }) => kwh)), [weight]: turnover }),
      columns: [{ name: 'usage__kwh', type: 'double' }],
      weight,
      rowKind: 'featureRows',
      now,
    })
    const featureTable = await tableOf(warehouse, {
      feature_time: { type: 'timestamp', values: rows.map(() => new Date('2026-02-01T00:00:00Z')) },
      kwh: double(rows.map((row) => row.kwh + (row.turnover > 1 ? 1 : 0))),
      turnover,
    })
    const result = await runDrift({ warehouse, profile, current: { featureTable, view: 'usage' }, now, record: false })
    expect(columnResult(result, 'usage__kwh').severity).toBe('crit')
    expect(columnResult(result, relativeWeight(weight)).severity).toBe('none')
    expect(result.windows[0]?.weights?.counted).toBe(400)
  },
)
