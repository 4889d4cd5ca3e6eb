import type { ColumnFeature, ServicePlan } from '@martlet/feature-store'
import type { ColumnType } from '@martlet/warehouse'

export interface FieldSketch {
  readonly name: string
  readonly type?: ColumnType
  readonly nullable?: boolean
}

/** A service over one view `usage` with these features; vector names are `usage__<name>`. */
export function service(fields: readonly FieldSketch[], name = 'next_day'): ServicePlan {
  const features = fields.map(({ name, type = 'double', nullable = false }): ColumnFeature => ({
    kind: 'column',
    name,
    type,
    nullable,
    column: name,
  }))
  const hash = JSON.stringify(fields)
  return {
    name,
    hash: `service ${hash}`,
    views: [
      {
        features: fields.map((field) => field.name),
        view: {
          name: 'usage',
          entity: { name: 'customer', keys: [{ name: 'customer_id', type: 'text' }] },
          source: null,
          grid: { every: 86_400_000_000, zone: 'UTC' },
          delay: 0,
          ttl: null,
          repair: 0,
          population: null,
          features,
          hash: `view ${hash}`,
        },
      },
    ],
  }
}
