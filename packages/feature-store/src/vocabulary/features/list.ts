import type { FeaturePlan } from '../../plan/feature-plan.ts'
import { age } from './age.ts'
import { aggregate } from './aggregate.ts'
import { anchorAge } from './anchor-age.ts'
import { attribute } from './attribute.ts'
import { calendar } from './calendar.ts'
import { column } from './column.ts'
import { derived } from './derived.ts'
import type { FeatureKind } from './feature-kind.ts'
import { foreign } from './foreign.ts'
import { lookup } from './lookup.ts'
import { standing } from './standing.ts'
import { viewed } from './viewed.ts'

/** Every kind of feature that a view can have. */
export const features: readonly FeatureKind[] = [
  aggregate,
  age,
  anchorAge,
  calendar,
  attribute,
  column,
  derived,
  standing,
  viewed,
  lookup,
  foreign,
]

const byKind = new Map(features.map((one) => [one.kind, one]))

export function featureKind({ kind, name }: FeaturePlan): FeatureKind {
  const found = byKind.get(kind)
  if (found === undefined) throw new Error(`feature ${name} is of an unknown kind, ${kind}`)
  return found
}
