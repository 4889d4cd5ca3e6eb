import { featureService, featureView, type AnyFeatureService } from '@martlet/feature-store'
import { customer, usage } from '../usage/definition.ts'
import type { Aggregates } from './plans.ts'

export const DAYS = [1, 7, 30, 90] as const
export const MOMENTS: Aggregates = ['sum', 'mean', 'stddev']

type Windows = readonly [`${number}d`, ...`${number}d`[]]

/** A view with one sum for each window. */
export const sums = (name: string, ...windows: Windows): AnyFeatureService =>
  featureService(name, [
    featureView(name, {
      of: customer,
      from: usage,
      every: '1d',
      features: (f) => ({ sum: f.sum('kwh').over(...windows) }),
    }),
  ])

export const fourSums: AnyFeatureService = sums('sums', '1d', '7d', '30d', '90d')

export const allMoments: AnyFeatureService = featureService('moments', [
  featureView('moments', {
    of: customer,
    from: usage,
    every: '1d',
    features: (f) => ({
      sum: f.sum('kwh').over('1d', '7d', '30d', '90d'),
      mean: f.mean('kwh').over('1d', '7d', '30d', '90d'),
      stddev: f.stddev('kwh').over('1d', '7d', '30d', '90d'),
    }),
  }),
])

/** The columns of a service's training set, by the names that the SQL by hand gives them. */
export function columnPairs(
  view: string,
  aggregates: Aggregates,
): readonly { readonly martlet: string; readonly plain: string }[] {
  return DAYS.flatMap((days) =>
    aggregates.map((aggregate) => ({
      martlet: `${view}__${aggregate}_${days}d`,
      plain: `${aggregate}_${days}`,
    })),
  )
}
