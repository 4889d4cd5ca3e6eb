import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { applyDefinitions } from '../../src/catalog/apply.ts'
import { planDefinitions } from '../../src/catalog/plan-definitions.ts'
import { featureService } from '../../src/define/feature-service.ts'
import { erase } from '../../src/erase/erase.ts'
import { buildTrainingSet } from '../../src/read/training-set.ts'
import { inPlace } from '../materialize/in-place.ts'
import { createShop, customer, gone, kept, rowsOfTable, spending } from './shop.ts'

const gift = featureService('gift', [
  spending.as('giver', { customer_id: 'giver_id' }),
  spending.as('taker', { customer_id: 'taker_id' }),
])

test('rows that name the entity by the column of a role are removed, and its key in records is known', async () => {
  await inPlace(async ({ warehouse, catalog }) => {
    await createShop(warehouse)
    await applyDefinitions(catalog, await planDefinitions(catalog, [gift]))
    const pair = (giver: string, taker: string) => sql`SELECT ${giver} AS giver_id, ${taker} AS taker_id`
    await buildTrainingSet({
      warehouse,
      service: gift,
      time: 'at',
      spine: {
        query: sql`SELECT p.*, CAST('2024-01-20 00:00:00' AS ${warehouse.leaves.columnType('timestamp')}) AS at FROM (
          ${sql.join([pair(gone, 'Bob'), pair('Bob', gone), pair('Bob', kept[0] ?? '')], sql` UNION ALL `)}) p`,
      },
    })
    const known: boolean[] = []
    await erase({
      warehouse,
      catalog,
      entity: customer,
      keys: [{ customer_id: gone }],
      reason: 'request 17',
      definitions: [gift],
      also: ({ mentions }) => {
        known.push(
          ...[{ customer_id: gone }, { giver_id: 'Bob', taker_id: gone }, { giver_id: 'Bob', taker_id: 'Ann' }].map(
            (record) => mentions.isKey(record),
          ),
        )
        return Promise.resolve({ removed: [], unreached: [] })
      },
    })
    expect(
      (await rowsOfTable(warehouse, 'training.gift')).map(({ giver_id, taker_id }) => [giver_id, taker_id]),
    ).toEqual([['Bob', kept[0]]])
    expect(known).toEqual([true, true, false])
  })
})
