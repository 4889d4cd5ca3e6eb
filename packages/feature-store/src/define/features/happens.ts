import type { EventsPlan } from '../../plan/source-plan.ts'
import type { Row } from '../sources/columns.ts'
import type { Duration } from '../duration.ts'
import type { AnyEntity } from '../sources/entity.ts'
import type { Fact } from '../sources/fact.ts'
import { planWhere, type Predicate } from './measure.ts'
import { outcome, type Outcome, type OutcomeOptions } from './outcome.ts'

export interface HappensOptions<R> extends OutcomeOptions {
  /** Counts only the facts for which the condition is true. */
  readonly where?: Predicate<R>
}

/** What happens to an entity E soon after t; unless it says otherwise, whether a fact does. */
export interface Happening<E extends AnyEntity, V = boolean, S = { readonly '': V }> extends Outcome<V, S> {
  readonly '~entity'?: E
}

export interface Happens<R, E extends AnyEntity> {
  /** True when at least one fact lies in `[t + gap, t + gap + length)`. */
  within(length: Duration, options?: HappensOptions<R>): Happening<E>
}

/**
 * Whether something happens: a yes-or-no label.
 *
 * @example label('fails_soon', { of: vehicle, value: happens(failures).within('14d', { where: (r) => r.severity.gt(2) }) })
 */
export function happens<R extends Row, E extends AnyEntity>(fact: Fact<R, E>): Happens<R, E> {
  return Object.freeze({ within: (length, options) => happening<R>(fact.plan, length, options) } satisfies Happens<
    R,
    E
  >)
}

function happening<R>(fact: EventsPlan, length: string, options: HappensOptions<R> = {}): Outcome<boolean> {
  return outcome(
    (place) => ({
      fact,
      aggregate: {
        function: 'happens',
        where: planWhere(options.where === undefined ? [] : [options.where], fact, place),
      },
      type: 'boolean',
    }),
    length,
    options,
  )
}
