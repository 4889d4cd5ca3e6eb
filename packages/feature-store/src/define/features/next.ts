import { typeText } from '@martlet/warehouse'
import type { EventsPlan, SourceColumn } from '../../plan/source-plan.ts'
import type { AnyColumn } from '../../vocabulary/aggregates/typed-columns.ts'
import { NONE } from '../../vocabulary/outcomes/next.ts'
import { eventColumns } from '../../vocabulary/sources/computed.ts'
import type { Duration } from '../duration.ts'
import { invalid, type Place } from '../invalid-definition.ts'
import type { Row } from '../sources/columns.ts'
import type { AnyEntity } from '../sources/entity.ts'
import type { Fact } from '../sources/fact.ts'
import { columnNamed } from '../sources/source.ts'
import type { Happening, HappensOptions } from './happens.ts'
import { planWhere } from './measure.ts'
import { outcome } from './outcome.ts'

/** Which kind of fact of an entity E comes first. */
export interface Next<R, E extends AnyEntity, V> {
  /** The value of the first fact in `[t + gap, t + gap + length)`, or `'none'`. */
  within(length: Duration, options?: HappensOptions<R>): Happening<E, V | 'none'>
}

/** The column when its values can be classes beside 'none', and otherwise the sentence that says why not. */
type ClassColumn<R, C extends string> = C extends keyof R
  ? NonNullable<R[C]> extends string
    ? string extends NonNullable<R[C]>
      ? C
      : 'none' extends R[C]
        ? `column '${C}' has a value 'none', which stands for no fact at all`
        : C
    : `column '${C}' of this fact is not a text, so it has no classes`
  : `this fact has no column '${C}'`

type ClassOf<R, C extends string> = C extends keyof R ? NonNullable<R[C]> : never

/**
 * Which kind of fact comes first: a label of several classes, and `'none'` where no fact comes.
 *
 * @example label('failing', { of: machine, value: next(failures, 'component').within('48h') })
 */
export function next<R extends Row, E extends AnyEntity, const C extends AnyColumn<R>>(
  fact: Fact<R, E>,
  column: ClassColumn<R, C>,
): Next<R, E, ClassOf<R, C>> {
  return Object.freeze({
    within: (length, options = {}) =>
      outcome(
        (place) => {
          const { name, type } = classColumn(fact.plan, column, place)
          const where = planWhere(options.where === undefined ? [] : [options.where], fact.plan, place)
          return { fact: fact.plan, aggregate: { function: 'next', column: name, where }, type }
        },
        length,
        options,
      ),
  } satisfies Next<R, E, ClassOf<R, C>>)
}

function classColumn(fact: EventsPlan, column: string, place: Place): SourceColumn {
  const found = columnNamed(eventColumns(fact), column, 'fact', place)
  if (found.type !== 'text')
    throw invalid(place, `column '${column}' is ${typeText(found.type)}; next() is of a text, which has classes`)
  if (found.checks.some((check) => check.kind === 'enum' && check.values.includes(NONE)))
    throw invalid(place, `column '${column}' has a value '${NONE}', which stands for no fact at all; rename that value`)
  return found
}
