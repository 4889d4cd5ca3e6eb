import { entity, featureService, featureView, precomputed, publishRows, type OnlineStore } from '@martlet/feature-store'
import { z } from 'zod'
import { batch, once } from '../../support/batch.ts'

/** Customers with a row in every view: `c0`, `c1`, … */
export const customers = 1000

const customer = entity('customer', { customer_id: z.string() })
const columns = {
  f0: z.number(),
  f1: z.number(),
  f2: z.number(),
  f3: z.number(),
  f4: z.number(),
  f5: z.number(),
  f6: z.number(),
  f7: z.number(),
  f8: z.number(),
  f9: z.number(),
}

function view(index: number) {
  const table = `mart.wide_${index}`
  const source = precomputed(table, {
    columns: { customer_id: z.string(), at: z.date(), ...columns },
    entity: customer,
    time: 'at',
  })
  return featureView(`wide_${index}`, {
    of: customer,
    from: source,
    every: '1d',
    features: (f) => ({
      f0: f.column('f0'),
      f1: f.column('f1'),
      f2: f.column('f2'),
      f3: f.column('f3'),
      f4: f.column('f4'),
      f5: f.column('f5'),
      f6: f.column('f6'),
      f7: f.column('f7'),
      f8: f.column('f8'),
      f9: f.column('f9'),
    }),
  })
}

const narrowSource = precomputed('mart.narrow', {
  columns: {
    customer_id: z.string(),
    at: z.date(),
    f0: z.number(),
    f1: z.number(),
    f2: z.number(),
    f3: z.number(),
    f4: z.number(),
  },
  entity: customer,
  time: 'at',
})
const narrowView = featureView('narrow', {
  of: customer,
  from: narrowSource,
  every: '1d',
  features: (f) => ({
    f0: f.column('f0'),
    f1: f.column('f1'),
    f2: f.column('f2'),
    f3: f.column('f3'),
    f4: f.column('f4'),
  }),
})
const wideViews = Array.from({ length: 20 }, (_, index) => view(index))

/** 5 features of one view. */
export const small = featureService('small', [narrowView])
/** 200 features of 20 views. */
export const large = featureService('large', wideViews)

/** The names of the features of `large`. */
export const largeFeatures: readonly string[] = wideViews.flatMap((_, index) =>
  Object.keys(columns).map((column) => `wide_${index}__${column}`),
)

/** One row of long fractions for every customer and view. */
export async function publishSizes(store: OnlineStore): Promise<void> {
  const ids = Array.from({ length: customers }, (_, index) => `c${index}`)
  const today = BigInt(Math.floor(Date.now() / 86_400_000)) * 86_400_000_000n
  const fractions = (seed: number): number[] => ids.map((_, row) => Math.abs(Math.sin(row * 12.9898 + seed * 78.233)))
  const rows = (names: readonly string[], seed: number) =>
    batch({
      customer_id: ['text', ids],
      feature_time: ['timestamp', ids.map(() => today)],
      ...Object.fromEntries(names.map((name, index) => [name, ['double', fractions(seed + index)] as const])),
    })
  await publishRows(store, narrowView.plan, once(rows(['f0', 'f1', 'f2', 'f3', 'f4'], 1)))
  for (const [index, wide] of wideViews.entries())
    await publishRows(store, wide.plan, once(rows(Object.keys(columns), 10 * index)))
}
