import { featureView } from '@martlet/feature-store'
import { customer, usage } from '../usage/definition.ts'

/** Twenty features of a usual mix. */
export const nightly = featureView('nightly', {
  of: customer,
  from: usage,
  every: '1d',
  features: (f) => ({
    sum: f.sum('kwh').over('1d', '7d', '30d', '90d'),
    mean: f.mean('kwh').over('1d', '7d', '30d', '90d'),
    n: f.count().over('1d', '7d', '30d', '90d'),
    stddev: f.stddev('kwh').over('1d', '7d', '30d', '90d'),
    low: f.min('kwh').over('7d', '30d'),
    high: f.max('kwh').over('7d', '30d'),
  }),
})

export const nightlyFeatures: readonly string[] = nightly.plan.features.map(({ name }) => name)
