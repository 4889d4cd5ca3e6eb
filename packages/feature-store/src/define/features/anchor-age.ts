import type { AnchorAgeFeature } from '../../vocabulary/features/anchor-age.ts'
import type { EntityPlan } from '../../plan/source-plan.ts'
import { checkAnchor, planAnchor, type AnyAnchor } from './event.ts'
import { single, type Defaultable } from './features.ts'

/** Days, with fractions, from the newest anchor before T to T; null when there is none. */
export function anchorAge(anchor: AnyAnchor, entity: EntityPlan): Defaultable<number | null, ''> {
  return single((name, place) => {
    const planned = planAnchor(anchor, 'age()', place)
    checkAnchor(planned, entity, place)
    return { kind: 'anchorAge', name, type: 'double', nullable: true, anchor: planned } satisfies AnchorAgeFeature
  })
}
