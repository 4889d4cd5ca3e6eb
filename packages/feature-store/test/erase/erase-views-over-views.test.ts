import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { applyDefinitions } from '../../src/catalog/apply.ts'
import { planDefinitions } from '../../src/catalog/plan-definitions.ts'
import { featureView } from '../../src/define/feature-view.ts'
import { erase } from '../../src/erase/erase.ts'
import { materialize } from '../../src/materialize/materialize.ts'
import { openMemoryStore } from '../../src/online/memory/memory-store.ts'
import { inPlace } from '../materialize/in-place.ts'
import { addOrders, createShop, customer, everything, gone, holdsKey, now, spending } from './shop.ts'

const tiers = featureView('tiers', {
  of: customer,
  from: spending,
  every: '1d',
  features: (v) => ({ amount: v.amount_7d }),
  among: (v, everybody) => ({ tier: everybody.ntile(v.amount, 2) }),
})

test('an erasure reaches the rows of views over views, which later runs do not bring back', () =>
  inPlace(async ({ warehouse, catalog }) => {
    await using online = openMemoryStore()
    await createShop(warehouse)
    // Only the view over the other one is given, whose facts are those of the entity all the same.
    await applyDefinitions(catalog, await planDefinitions(catalog, [tiers]))
    await materialize({ warehouse, catalog, online, views: [tiers, spending], now })
    await warehouse.run(sql`DELETE FROM mart.orders WHERE customer_id = ${gone}`)
    const keys = [{ customer_id: gone }]
    const done = await erase({ warehouse, catalog, online, entity: customer, keys, reason: 'request 18', actor: 'ann' })
    expect(done).toMatchObject({ facts: [], unreached: [] })
    const rows = Object.fromEntries(done.removed.map(({ place, rows: n }) => [place, n]))
    expect(rows).toMatchObject({
      'features.tiers': 31,
      'features.spending': 31,
      'memory store, table tiers': 1,
      'memory store, table spending': 1,
    })
    expect(holdsKey(await everything(warehouse, catalog))).toBe(false)
    await addOrders(warehouse, 31, 33)
    await warehouse.run(sql`DELETE FROM mart.orders WHERE customer_id = ${gone}`)
    await materialize({ warehouse, catalog, online, views: [tiers, spending], now: '2024-02-03T00:00Z' })
    expect(holdsKey(await everything(warehouse, catalog))).toBe(false)
    expect(await online.count('tiers')).toBe(3)
  }))
