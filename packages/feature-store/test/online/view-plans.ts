import type { ColumnBatch, ColumnType, ColumnVector } from '@martlet/warehouse'
import type { ColumnFeature } from '../../src/vocabulary/features/column.ts'
import type { ServicePlan, ViewPlan } from '../../src/plan/view-plan.ts'

/** A frozen view with precomputed features: what the online store needs of a view and no more. */
export function viewPlan(
  name: string,
  keys: Readonly<Record<string, ColumnType>>,
  features: Readonly<Record<string, ColumnType>>,
  ttl: number | null = null,
): ViewPlan {
  return {
    name,
    entity: {
      name: Object.keys(keys).join('_') || 'everybody',
      keys: Object.entries(keys).map(([key, type]) => ({ name: key, type })),
    },
    source: null,
    grid: { every: 86_400_000_000, zone: 'UTC' },
    delay: 0,
    ttl,
    repair: 0,
    population: null,
    features: Object.entries(features).map(([feature, type]): ColumnFeature => ({
      kind: 'column',
      name: feature,
      column: feature,
      type,
      nullable: true,
    })),
    hash: `${name}-hash`,
  }
}

export function servicePlan(name: string, views: readonly (readonly [ViewPlan, readonly string[]])[]): ServicePlan {
  return { name, views: views.map(([view, features]) => ({ view, features })), hash: `${name}-hash` }
}

type Cell = string | number | bigint | boolean | null

/** A column from cells, as a warehouse would return it. */
export function column(type: ColumnVector['type'], cells: readonly Cell[]): ColumnVector {
  const nulls = cells.includes(null) ? Uint8Array.from(cells, (cell) => (cell === null ? 1 : 0)) : null
  if (typeof type === 'object') return { type, values: cells.map((cell) => (cell === null ? 0n : BigInt(cell))), nulls }
  switch (type) {
    case 'text':
      return { type, values: cells.map((cell) => (cell === null ? '' : String(cell))), nulls }
    case 'double':
      return { type, values: Float64Array.from(cells, (cell) => (cell === null ? 0 : Number(cell))), nulls }
    case 'bigint':
    case 'timestamp':
      return { type, values: BigInt64Array.from(cells, (cell) => (cell === null ? 0n : BigInt(cell))), nulls }
    case 'boolean':
      return { type, values: Uint8Array.from(cells, (cell) => (cell === true ? 1 : 0)), nulls }
    case 'integer':
    case 'date':
      return { type, values: Int32Array.from(cells, (cell) => (cell === null ? 0 : Number(cell))), nulls }
  }
}

/** A batch from columns by name. */
export function batch(columns: Readonly<Record<string, ColumnVector>>): ColumnBatch {
  const vectors = Object.values(columns)
  return { rows: vectors[0]?.values.length ?? 0, names: Object.keys(columns), columns: vectors }
}

export async function* stream(...batches: readonly ColumnBatch[]): AsyncGenerator<ColumnBatch, void, undefined> {
  yield* batches
}
