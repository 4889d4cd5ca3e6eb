import type { EventsPlan } from '../../plan/source-plan.ts'
import type { SinceWindow } from '../../vocabulary/windows/since.ts'
import type { AnyEntity } from '../sources/entity.ts'
import { planAnchor, type Anchor, type AnyAnchor } from './event.ts'
import { featuresOf, type Defaultable } from './features.ts'
import { invalid, type Place } from '../invalid-definition.ts'
import type { Measure } from './measure.ts'
import { overWindow } from './windowed-plans.ts'

export interface SinceWords<V> {
  /**
   * From the newest such event before T, its own moment included, to T; named `key_since_service`. Without one it is
   * null, or with `otherwise: 'lifetime'` everything before T.
   */
  since<A, const O extends SinceOptions = SinceOptions>(
    anchor: A extends AnyAnchor ? A : `since() takes an event, like event('service', services)`,
    options?: O,
  ): Anchored<O extends { readonly otherwise: 'lifetime' } ? V : V | null, A>
}

export interface SinceOptions {
  /** What the window covers before the first event. @default nothing: the value is null */
  readonly otherwise?: 'lifetime'
}

/** Features that are counted from events. */
export interface Anchored<V, A> extends Defaultable<V, A extends Anchor<infer N, AnyEntity> ? `_since_${N}` : never> {
  readonly '~anchored': A | undefined
}

export function sinceWords<V, R>(fact: EventsPlan, measure: Measure<R>): SinceWords<V> {
  return {
    since: (anchor, options) => ({
      '~anchored': undefined,
      ...featuresOf((key, place) => {
        const planned = planAnchor(anchor, 'since()', place)
        const otherwise = planOtherwise(options, place)
        const window: SinceWindow = { kind: 'since', anchor: planned, otherwise }
        const feature = overWindow(fact, measure, `${key}_since_${planned.name}`, window, place)
        return [{ ...feature, nullable: feature.nullable || otherwise === 'none' }]
      }),
    }),
  }
}

function planOtherwise({ otherwise }: SinceOptions = {}, place: Place): SinceWindow['otherwise'] {
  if (otherwise === undefined) return 'none'
  if (otherwise === 'lifetime') return otherwise
  throw invalid(place, `otherwise '${String(otherwise)}' is not known; leave it out, or say 'lifetime'`)
}
