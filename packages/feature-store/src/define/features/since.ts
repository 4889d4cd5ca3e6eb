import type { SinceWindow } from '../../vocabulary/windows/since.ts'
import type { AnyEntity } from '../sources/entity.ts'
import type { EachFeature } from './calendar-windows.ts'
import { planAnchor, type Anchor, type AnyAnchor } from './event.ts'
import { featuresOf, type Gridded } from './features.ts'
import { invalid, type Place } from '../invalid-definition.ts'

export interface SinceWords<V, P extends string = ''> {
  /**
   * From the newest such event before T, its own moment included, to T; named `key_since_service`. Without one it is
   * null, or with `otherwise: 'lifetime'` everything before T. Of several events there is one feature for each.
   */
  since<const A, const O extends SinceOptions = SinceOptions>(
    anchor: A extends AnyAnchor | readonly [AnyAnchor, ...AnyAnchor[]]
      ? A
      : `since() takes an event, like event('service', services)`,
    options?: O,
  ): Anchored<O extends { readonly otherwise: 'lifetime' } ? V : V | null, A, P>
}

export interface SinceOptions {
  /** What the window covers before the first event. @default nothing: the value is null */
  readonly otherwise?: 'lifetime'
}

/** Features that are counted from events. */
export interface Anchored<V, A, P extends string = ''> extends Gridded<
  V,
  OneOf<A> extends Anchor<infer N, AnyEntity> ? `${P}_since_${N}` : never
> {
  readonly '~anchored': OneOf<A> | undefined
}
type OneOf<A> = A extends readonly (infer One)[] ? One : A

export function sinceWords<V, P extends string = ''>(every: EachFeature): SinceWords<V, P> {
  return {
    since: (anchor, options) => ({
      '~anchored': undefined,
      ...every((feature) =>
        featuresOf((key, place) => {
          const otherwise = planOtherwise(options, place)
          const given: readonly unknown[] = Array.isArray(anchor) ? anchor : [anchor]
          if (given.length === 0) throw invalid(place, 'since() names no event')
          return given.map((one) => {
            const planned = planAnchor(one, 'since()', place)
            const window: SinceWindow = { kind: 'since', anchor: planned, otherwise }
            const plan = feature(`${key}_since_${planned.name}`, window, place)
            return { ...plan, nullable: plan.nullable || otherwise === 'none' }
          })
        }),
      ),
    }),
  }
}

function planOtherwise({ otherwise }: SinceOptions = {}, place: Place): SinceWindow['otherwise'] {
  if (otherwise === undefined) return 'none'
  if (otherwise === 'lifetime') return otherwise
  throw invalid(place, `otherwise '${String(otherwise)}' is not known; leave it out, or say 'lifetime'`)
}
