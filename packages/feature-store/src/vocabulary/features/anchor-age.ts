import { sql, type Sql } from '@martlet/warehouse'
import type { AnchorPlan } from '../../plan/anchor-plan.ts'
import type { FeaturePlan } from '../../plan/feature-plan.ts'
import { MICROS_PER_DAY } from '../../plan/time/duration-text.ts'
import { anchorColumn, anchorCore, anchorReads, anchorSchema, anchorWords, joinAnchor } from '../sources/anchor.ts'
import type { JoinedKind } from './feature-kind.ts'

/** Days (fractional) from the newest anchor before T to T. */
export interface AnchorAgeFeature extends FeaturePlan {
  readonly kind: 'anchorAge'
  readonly anchor: AnchorPlan
}

export const anchorAge: JoinedKind<AnchorAgeFeature> = {
  kind: 'anchorAge',
  stage: 'joined',
  fields: { anchor: anchorSchema },
  words: ({ anchor }) => `days since the newest ${anchorWords(anchor)}`,
  reads: ({ anchor }) => anchorReads(anchor),
  core: (feature, sourceCore) => ({ ...feature, anchor: anchorCore(feature.anchor, sourceCore) }),
  join: (frame, rows, features) => {
    const aliases = new Map<string, { readonly alias: string; readonly anchor: AnchorPlan }>()
    const values = features.map(({ anchor }) => {
      const identity = JSON.stringify(anchor)
      const { alias } = aliases.get(identity) ?? { alias: `a${aliases.size}` }
      aliases.set(identity, { alias, anchor })
      const days = frame.leaves.toDouble(sql`t - ${sql.id(anchorColumn(alias))}`)
      return sql`(${days} / ${sql.lit(MICROS_PER_DAY)})`
    })
    const joined = [...aliases.values()].reduce<Sql>(
      (sofar, { alias, anchor }) => joinAnchor(frame, sofar, anchor, alias),
      rows,
    )
    return { rows: joined, values }
  },
}
