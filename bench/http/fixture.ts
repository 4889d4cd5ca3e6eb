import {
  entity,
  featureService,
  featureView,
  openLmdbStore,
  precomputed,
  publishRows,
  type OnlineStore,
  type ServicePlan,
} from '@martlet/feature-store'
import { columnBatch } from '@martlet/warehouse'
import { z } from 'zod'

export const entities = 10_000

const customer = entity('customer', { customer_id: z.string() })

const numbers = {
  feature_0: z.number(),
  feature_1: z.number(),
  feature_2: z.number(),
  feature_3: z.number(),
  feature_4: z.number(),
  feature_5: z.number(),
  feature_6: z.number(),
  feature_7: z.number(),
  feature_8: z.number(),
  feature_9: z.number(),
}
const names = Object.keys(numbers)

/** Feast's benchmark shape: views of ten features each, 10 000 entities. */
function view(index: number) {
  const source = precomputed(`mart.source_${index}`, {
    columns: { customer_id: z.string(), at: z.date(), ...numbers },
    entity: customer,
    time: 'at',
  })
  const define = featureView(`view_${index}`, {
    of: customer,
    from: source,
    every: '1d',
    features: (f) => ({
      feature_0: f.column('feature_0'),
      feature_1: f.column('feature_1'),
      feature_2: f.column('feature_2'),
      feature_3: f.column('feature_3'),
      feature_4: f.column('feature_4'),
      feature_5: f.column('feature_5'),
      feature_6: f.column('feature_6'),
      feature_7: f.column('feature_7'),
      feature_8: f.column('feature_8'),
      feature_9: f.column('feature_9'),
    }),
  })
  return { names, define }
}

const views = Array.from({ length: 25 }, (_, index) => view(index))

export const services: Readonly<Record<'small' | 'large', ServicePlan>> = {
  small: featureService(
    'small',
    views.slice(0, 5).map(({ define }) => define),
  ).plan,
  large: featureService(
    'large',
    views.map(({ define }) => define),
  ).plan,
}

/** An LMDB store, filled unless it is already. */
export async function openFilledStore(path: string): Promise<OnlineStore> {
  const store = openLmdbStore({ path })
  if ((await store.count('view_24')) !== entities) await fill(store)
  return store
}

/** Fills a store with one row for each entity and view: whole numbers, shares and long fractions, as features are. */
export async function fill(store: OnlineStore): Promise<void> {
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
      ...Object.fromEntries(
        names.map((name, feature) => [
          name,
          { type: 'double' as const, values: ids.map((_, row) => value(feature, row)) },
        ]),
      ),
    })
    await publishRows(store, define.plan, once(batch))
  }
}

async function* once<T>(value: T): AsyncGenerator<T> {
  yield value
}
