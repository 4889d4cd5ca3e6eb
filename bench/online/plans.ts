import type { ServicePlan, ViewPlan } from '@martlet/feature-store'
import type { ColumnBatch, ColumnVector } from '@martlet/warehouse'

type FeatureType = 'double' | 'bigint' | 'integer' | 'boolean'

/** Ten features of a usual mix: seven doubles, a count, a small integer and a flag. */
const TYPES: readonly FeatureType[] = [
  'double',
  'double',
  'double',
  'double',
  'double',
  'double',
  'double',
  'bigint',
  'integer',
  'boolean',
]

/** View `number` of ten precomputed features, keyed by a text customer id. */
export function benchView(number: number): ViewPlan {
  return {
    name: `view_${String(number).padStart(2, '0')}`,
    entity: { name: 'customer', keys: [{ name: 'customer_id', type: 'text' }] },
    source: null,
    grid: { every: 86_400_000_000, zone: 'UTC' },
    delay: 0,
    ttl: 3 * 86_400_000_000,
    repair: 0,
    population: null,
    features: TYPES.map((type, index) => ({
      kind: 'column',
      name: `feature_${index}`,
      column: `feature_${index}`,
      type,
      nullable: true,
    })),
    hash: `bench-${number}`,
  }
}

export function benchService(views: readonly ViewPlan[]): ServicePlan {
  return {
    name: `bench_${views.length}`,
    views: views.map((view) => ({ view, features: view.features.map(({ name }) => name) })),
    hash: `bench-${views.length}`,
  }
}

export const customerId = (index: number): string => `customer-${String(index).padStart(8, '0')}`

/** A small, fast generator of numbers in [0, 1), so that two runs publish the same values. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }
}

/** Rows of some customers at one feature time, as a warehouse streams them; one cell in fifty is null. */
export function benchBatch(customers: ArrayLike<number>, time: bigint, random: () => number): ColumnBatch {
  const rows = customers.length
  const features = TYPES.map((type): ColumnVector => {
    const nulls = Uint8Array.from({ length: rows }, () => (random() < 0.02 ? 1 : 0))
    if (type === 'double') return { type, values: Float64Array.from({ length: rows }, () => random() * 1000), nulls }
    if (type === 'bigint')
      return { type, values: BigInt64Array.from({ length: rows }, () => BigInt(Math.floor(random() * 1e6))), nulls }
    if (type === 'boolean')
      return { type, values: Uint8Array.from({ length: rows }, () => (random() < 0.5 ? 1 : 0)), nulls }
    return { type, values: Int32Array.from({ length: rows }, () => Math.floor(random() * 100)), nulls }
  })
  return {
    rows,
    names: ['customer_id', 'feature_time', ...TYPES.map((_, index) => `feature_${index}`)],
    columns: [
      { type: 'text', values: Array.from(customers, customerId), nulls: null },
      { type: 'timestamp', values: new BigInt64Array(rows).fill(time), nulls: null },
      ...features,
    ],
  }
}

export async function* streamed(batches: readonly ColumnBatch[]): AsyncGenerator<ColumnBatch, void, undefined> {
  yield* batches
}
