import { entity, featureService, featureView, openLmdbStore, precomputed, publishRows, type OnlineStore, type ServicePlan } from '@martlet/feature-store'
import { columnBatch } from '@martlet/warehouse'
import { z } from 'zod'

export const entities = 10_000

const customer = entity('customer', { customer_id: z.string() })

/** Feast's benchmark shape: views of ten features each, 10 000 entities. */
function view(index: number) {
  const names = Array.from({ length: 10 }, (_, feature) => `feature_${feature}`)
  const columns = Object.fromEntries(names.map((name) => [name, z.number()]))
  const source = precomputed(`mart.source_${index}`, { columns: { customer_id: z.string(), at: z.date(), ...columns }, entity: customer, time: 'at' })
  const define = featureView(`view_${index}`, { of: customer, from: source, every: '1d', features: (f) => Object.fromEntries(names.map((name) => [name, f.column(name)])) })
  return { names, define }
}

const views = Array.from({ length: 25 }, (_, index) => view(index))

export const services: Readonly<Record<'small' | 'large', ServicePlan>> = {
  small: featureService('small', views.slice(0, 5).map(({ define }) => define)).plan,
  large: featureService('large', views.map(({ define }) => define)).plan,
}

/** Fills an LMDB store with one row for each entity and view: whole numbers, shares and long fractions, as features are. */
export async function openFilledStore(path: string): Promise<OnlineStore> {
  const store = openLmdbStore({ path })
  if ((await store.count('view_24')) === entities) return store
  const time = BigInt(Math.floor(Date.now() / 86_400_000)) * 86_400_000_000n
  const ids = Array.from({ length: entities }, (_, index) => `customer-${String(index).padStart(6, '0')}`)
  for (const [index, { names, define }] of views.entries()) {
    const value = (feature: number, row: number): number => {
      const noise = Math.abs(Math.sin(row * 12.9898 + feature * 78.233 + index * 37.719) * 43_758.5453) % 1
      return feature % 3 === 0 ? Math.floor(noise * 1000) : feature % 3 === 1 ? Math.round(noise * 10_000) / 100 : noise
    }
    const batch = columnBatch({
      customer_id: { type: 'text', values: ids },
      feature_time: { type: 'timestamp', values: ids.map(() => time) },
      ...Object.fromEntries(names.map((name, feature) => [name, { type: 'double' as const, values: ids.map((_, row) => value(feature, row)) }])),
    })
    await publishRows(store, define.plan, once(batch))
  }
  return store
}

async function* once<T>(value: T): AsyncGenerator<T> {
  yield value
}
