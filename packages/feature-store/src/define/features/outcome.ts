import type { ColumnType } from '@martlet/warehouse'
import type { Micros } from '../../plan/feature-plan.ts'
import type { LabelPlan } from '../../plan/label-plan.ts'
import type { EventsPlan } from '../../plan/source-plan.ts'
import { durationMicros, positiveMicros, type Duration } from '../duration.ts'
import type { Place } from '../invalid-definition.ts'

export interface OutcomeOptions {
  /** How long after t the window begins. @default '0h' */
  readonly gap?: Duration
  /** How long after its end the window is known to be complete. @default '0h' */
  readonly maturity?: Duration
}

export interface PlannedOutcome {
  readonly fact: EventsPlan
  readonly aggregate: LabelPlan['aggregate']
  readonly type: ColumnType
  readonly gap: Micros
  readonly length: Micros
  readonly steps?: number
  readonly maturity: Micros
}

/**
 * What happens in `[t + gap, t + gap + length)`, of type V, or null while that cannot be known yet. S has the types of
 * its columns by what follows the label's name in theirs.
 */
export interface Outcome<V, S = { readonly '': V }> {
  readonly '~outcome'?: V
  readonly '~columns'?: S
  plan(place: Place): PlannedOutcome
}

type Planned = Pick<PlannedOutcome, 'fact' | 'aggregate' | 'type'>

export function outcome<V, S = { readonly '': V }>(
  aggregate: (place: Place) => Planned,
  length: string,
  options: OutcomeOptions = {},
): Outcome<V, S> {
  return Object.freeze({
    plan: (place) => {
      const { fact, aggregate: planned, type } = aggregate(place)
      return {
        fact,
        aggregate: planned,
        type,
        gap: durationMicros(options.gap ?? '0h', 'gap', place),
        length: positiveMicros(length, 'window', place),
        maturity: durationMicros(options.maturity ?? '0h', 'maturity', place),
      }
    },
  } satisfies Outcome<V, S>)
}
