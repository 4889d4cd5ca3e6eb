import type { Duration } from '../duration.ts'
import type { Row } from '../sources/columns.ts'
import type { AnyEntity } from '../sources/entity.ts'
import type { Fact } from '../sources/fact.ts'
import type { Happening, HappensOptions } from './happens.ts'
import { planWhere } from './measure.ts'
import { outcome } from './outcome.ts'

/** How long it is until a fact of an entity E. */
export interface TimeTo<R, E extends AnyEntity> {
  /**
   * Days from t to the first fact in `[t + gap, t + gap + length)`, and in a second column, `<name>_observed`, whether
   * it was seen; where it was not, the days for which there was none.
   */
  within(
    length: Duration,
    options?: HappensOptions<R>,
  ): Happening<E, number, { readonly '': number; readonly _observed: boolean }>
}

/**
 * How long it is until the next fact: remaining life, for models that know censoring.
 *
 * @example label('life', { of: machine, value: timeTo(failures).within('30d') })
 */
export function timeTo<R extends Row, E extends AnyEntity>({ plan: fact }: Fact<R, E>): TimeTo<R, E> {
  return Object.freeze({
    within: (length, options = {}) =>
      outcome(
        (place) => {
          const where = planWhere(options.where === undefined ? [] : [options.where], fact, place)
          return { fact, aggregate: { function: 'timeTo', where }, type: 'double' }
        },
        length,
        options,
      ),
  } satisfies TimeTo<R, E>)
}
