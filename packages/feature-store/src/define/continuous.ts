import type { FeaturePlan, Micros, WindowPlan } from '../plan/feature-plan.ts'
import { durationText } from '../plan/time/duration-text.ts'
import { hopOf } from '../plan/time/hop.ts'
import type { EntityPlan, EventsPlan, SourcePlan } from '../plan/source-plan.ts'
import type { ContinuousPlan, ViewPlan, WindowClock } from '../plan/view-plan.ts'
import { aggregatePlans } from '../vocabulary/aggregates/aggregate-plan.ts'
import { aggregateKind, aggregates } from '../vocabulary/aggregates/list.ts'
import { expressionColumns, isNeighbour, someExpression } from '../vocabulary/algebra/expression-columns.ts'
import { aggregate, type AggregateFeature } from '../vocabulary/features/aggregate.ts'
import { derived } from '../vocabulary/features/derived.ts'
import { featureText } from '../vocabulary/words.ts'
import { computedKeys, isAttribute, neededColumns } from '../vocabulary/sources/computed.ts'
import { eventsOf, viewsOf } from '../vocabulary/sources/list.ts'
import { lifetime } from '../vocabulary/windows/lifetime.ts'
import { windowKind } from '../vocabulary/windows/list.ts'
import type { SteppedWindow } from '../vocabulary/windows/stepped.ts'
import { time, type TimeWindow } from '../vocabulary/windows/time.ts'
import type { Duration } from './duration.ts'
import { invalid, type Place } from './invalid-definition.ts'

/** What a definition says of time that only some views can have. */
export interface ContinuousSpec {
  readonly every: string
  readonly clock?: unknown
  readonly delay?: unknown
  readonly ttl?: unknown
  readonly repair?: unknown
  readonly zone?: unknown
  readonly population?: unknown
  readonly among?: unknown
}

/** Why views cannot have what they say, by the word that says it. */
const refusals = {
  delay:
    'a row of a continuous view is of the instant that is asked for: it has no delay; for late facts declare knownAt',
  ttl: 'a row of a continuous view is of the instant that is asked for, so it is never too old: it has no ttl',
  repair: 'a continuous view counts a late fact from when it arrives: it has no repair',
  zone: 'windows of a continuous view have fixed lengths: it has no zone; put local days into a view with a grid',
  population: 'whoever has a fact before t is in a continuous view: it has no population; use a view with a grid',
  among: 'rows of a continuous view are of different instants, so nobody stands among others; use a view with a grid',
  clock: "only a continuous view has a clock that closes its windows; write every: 'continuous', or drop clock",
} as const

/** The distance of feature times, or that there is none. */
export type Every = Duration | 'continuous'
export type Refusals = typeof refusals
/** What only a view with a grid can say. */
export type GridOnly<V, T, Word extends keyof Refusals> = V extends 'continuous' ? Refusals[Word] : T
/** What only a continuous view can say. */
export type ContinuousOnly<V, T, Word extends keyof Refusals> = V extends 'continuous' ? T : Refusals[Word]

/**
 * When a continuous view has rows: at every instant.
 *
 * @throws MartletError INVALID_DEFINITION when it says what only a view with a grid has
 */
export function continuousTiming(
  spec: ContinuousSpec,
  source: SourcePlan | null,
  place: Place,
): Pick<ViewPlan, 'delay' | 'ttl' | 'repair'> & { readonly grid: ContinuousPlan } {
  if (viewsOf(source) !== undefined)
    throw invalid(place, 'it is continuous, so it is of a fact and not of other views; read their fact itself')
  if (eventsOf(source) === undefined)
    throw invalid(
      place,
      `it is continuous, so it is of a fact, whose events come at any time, and not of ${what(source)}`,
    )
  for (const word of ['delay', 'ttl', 'repair', 'zone', 'population', 'among'] as const)
    if (spec[word] !== undefined) throw invalid(place, refusals[word])
  return {
    grid: { every: 'continuous', clock: knownClock(spec.clock, place), zone: 'UTC' },
    delay: 0,
    ttl: null,
    repair: 0,
  }
}

/** Refuses the clock of a view that has a grid. */
export function refuseClock({ clock }: ContinuousSpec, place: Place): void {
  if (clock !== undefined) throw invalid(place, refusals.clock)
}

function what(source: SourcePlan | null): string {
  return source === null ? 'the calendar' : `${source.kind} '${source.table}'`
}

function knownClock(clock: unknown, place: Place): WindowClock {
  if (clock === undefined || clock === 'wall') return 'wall'
  if (clock === 'newest event') return clock
  throw invalid(place, `there is no clock ${JSON.stringify(clock)}; windows close by 'wall' or by the 'newest event'`)
}

/**
 * The features of a continuous view, whose windows begin in steps.
 *
 * @throws MartletError INVALID_DEFINITION when one of them does not follow from events as they come
 */
export function continuousFeatures(
  features: readonly FeaturePlan[],
  source: SourcePlan | null,
  entity: EntityPlan,
  place: Place,
): readonly FeaturePlan[] {
  const events = eventsOf(source)
  if (events === undefined) throw new Error('a continuous view is of events')
  const computed = computedKeys(events, entity.name)
  if (computed.length > 0)
    throw invalid(
      place,
      `it is continuous, and ${computed.map((key) => `'${key}'`).join(', ')} of its entity comes from a dimension, ` +
        'which is not known when an event comes',
    )
  return features.map((feature) => {
    const at = { ...place, feature: feature.name }
    if (isAggregate(feature)) return continuousFeature(feature, events, at)
    if (feature.kind === derived.kind) return feature
    throw invalid(
      at,
      `${featureText(feature)} does not come from events alone, so a continuous view cannot have it; ` +
        'put it into a view with a grid, and read both in one service',
    )
  })
}

function continuousFeature(feature: AggregateFeature, events: EventsPlan, place: Place): AggregateFeature {
  for (const plan of aggregatePlans(feature.aggregate)) {
    if (aggregateKind(plan.function).continuous !== true)
      throw invalid(
        place,
        `${plan.function} needs all events of its window, and a continuous view keeps sums of them; ` +
          `it can have ${names}, ratio, any and all; put ${plan.function} into a view with a grid`,
      )
    const all = [...(events.computed ?? []), ...(plan.computed ?? [])]
    const used = neededColumns(all, [plan.column, ...expressionColumns(plan.where)])
    const attribute = used.find(isAttribute)
    if (attribute !== undefined)
      throw invalid(
        place,
        `'${attribute.name}' comes from a dimension, which is not known when an event comes, so a continuous view cannot have it`,
      )
    const read = [...(plan.where === null ? [] : [plan.where]), ...used.map(({ expression }) => expression)]
    if (read.some((expression) => someExpression(expression, isNeighbour)))
      throw invalid(
        place,
        'it asks for the event before, which may still arrive, so a continuous view cannot have it; put it into a view with a grid',
      )
  }
  return { ...feature, window: continuousWindow(feature.window, place) }
}

const names = aggregates
  .filter((one) => one.continuous === true)
  .map(({ name }) => name)
  .join(', ')

function continuousWindow(window: WindowPlan, place: Place): WindowPlan {
  if (window.kind === lifetime.kind) return window
  if (!isTime(window))
    throw invalid(
      place,
      `a continuous view has windows of fixed lengths, such as .over('1h'), and .lifetime(), ` +
        `and not ${windowKind(window).words(window)}; put this feature into a view with a grid`,
    )
  const { length, shift } = window
  if (shift > 0)
    throw invalid(
      place,
      'a window of a continuous view ends at the instant that is asked for, so it has no shift and no series; ' +
        'put this feature into a view with a grid',
    )
  const made: SteppedWindow = { kind: 'stepped', length, hop: hop(length, place) }
  return made
}

function hop(length: Micros, place: Place): Micros {
  try {
    return hopOf(length)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw invalid(place, `window '${durationText(length)}' is shorter than a minute, the shortest of a continuous view`)
  }
}

function isAggregate(feature: FeaturePlan): feature is AggregateFeature {
  return feature.kind === aggregate.kind
}

function isTime(window: WindowPlan): window is TimeWindow {
  return window.kind === time.kind
}
