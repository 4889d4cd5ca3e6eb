import type { ColumnType } from '@martlet/warehouse'
import type { Expression } from '../../plan/expression.ts'
import type { Micros } from '../../plan/feature-plan.ts'
import type { ComputedColumn, EventsPlan } from '../../plan/source-plan.ts'
import type { ViewPlan } from '../../plan/view-plan.ts'
import { inputName } from '../algebra/input.ts'
import { expressionColumns } from '../algebra/expression-columns.ts'
import { aggregate, type AggregateFeature } from '../features/aggregate.ts'
import { derived, type DerivedFeature } from '../features/derived.ts'
import { columnType, neededColumns } from '../sources/computed.ts'
import { eventsOf } from '../sources/list.ts'
import { lifetime } from '../windows/lifetime.ts'
import { stepped, type SteppedWindow } from '../windows/stepped.ts'

/** Windows of one hop: tiles of that length hold every start of theirs. */
export interface Ring {
  /** The length of a tile, and the step in which the windows begin. */
  readonly hop: Micros
  /** The longest window: at t tiles are needed from `floor((t - longest) / hop) · hop` on. */
  readonly longest: Micros
}

/** What is aggregated of an event: a column where a condition holds. */
export interface ContinuousInput {
  /** Null: the event itself. */
  readonly column: string | null
  readonly where: Expression | null
  readonly type: ColumnType
  /** The computed columns that column and condition need, each after those that it is computed from. */
  readonly computed: readonly ComputedColumn[]
}

/** One accumulator. */
export interface ContinuousAggregate {
  /** The name of an aggregate of `vocabulary/aggregates` that is `continuous`. */
  readonly function: string
  /** Which of the layout's inputs. */
  readonly input: number
  /** The type of its value. */
  readonly type: ColumnType
}

/** An accumulator over a window. */
export interface ContinuousPart {
  /** Which of the layout's aggregates. */
  readonly aggregate: number
  /** Which of the layout's rings; null: everything before t. */
  readonly ring: number | null
  /** The window's length; null: everything before t. */
  readonly window: Micros | null
}

export interface ContinuousFeature {
  readonly feature: AggregateFeature
  /** As many as the combination has, in its order; one of an aggregate that stands alone. */
  readonly parts: readonly ContinuousPart[]
}

/** What a continuous view keeps of the events of an entity, and how its features follow from that. */
export interface ContinuousLayout {
  readonly events: EventsPlan
  /** By length of hop, the shortest first. */
  readonly rings: readonly Ring[]
  readonly inputs: readonly ContinuousInput[]
  /** Each is kept once, whatever windows it is taken over. */
  readonly aggregates: readonly ContinuousAggregate[]
  readonly features: readonly ContinuousFeature[]
  /** Computed from the features of the same row, in this order. */
  readonly derived: readonly DerivedFeature[]
}

/**
 * The layout of a continuous view.
 *
 * @throws Error when the view is not continuous, or has what no continuous view can have
 */
export function continuousLayout(view: ViewPlan): ContinuousLayout {
  const events = eventsOf(view.source)
  if (view.grid.every !== 'continuous' || events === undefined) throw new Error(`view ${view.name} is not continuous`)
  const own = view.features.filter(isAggregate)
  const rings = ringsOf(own)
  const inputs = new Listed<ContinuousInput>((input) => [...inputName(input), input.type])
  const aggregates = new Listed<ContinuousAggregate>((one) => [one.function, one.input])
  const features = own.map((feature): ContinuousFeature => ({
    feature,
    parts: aggregate.parts(feature).map(({ kind, plan, window }) => {
      const type = columnType(events, plan, plan.column)
      const all = [...(events.computed ?? []), ...(plan.computed ?? [])]
      const computed = neededColumns(all, [plan.column, ...expressionColumns(plan.where)])
      const input = inputs.place({ column: plan.column, where: plan.where, type, computed })
      const length = isStepped(window) ? window.length : null
      return {
        aggregate: aggregates.place({ function: kind.name, input, type: kind.type(type) }),
        ring: isStepped(window) ? rings.findIndex(({ hop }) => hop === window.hop) : null,
        window: length,
      }
    }),
  }))
  const rest = view.features.filter(isDerived)
  if (own.length + rest.length < view.features.length)
    throw new Error(`view ${view.name} has features that no continuous view can have`)
  return { events, rings, inputs: inputs.all, aggregates: aggregates.all, features, derived: rest }
}

function ringsOf(features: readonly AggregateFeature[]): readonly Ring[] {
  const longest = new Map<Micros, Micros>()
  for (const { name, window } of features) {
    if (isStepped(window)) longest.set(window.hop, Math.max(window.length, longest.get(window.hop) ?? 0))
    else if (window.kind !== lifetime.kind) throw new Error(`feature ${name} has a window of kind ${window.kind}`)
  }
  return [...longest].map(([hop, length]) => ({ hop, longest: length })).toSorted((a, b) => a.hop - b.hop)
}

function isAggregate(feature: { readonly kind: string }): feature is AggregateFeature {
  return feature.kind === aggregate.kind
}

function isDerived(feature: { readonly kind: string }): feature is DerivedFeature {
  return feature.kind === derived.kind
}

function isStepped(window: { readonly kind: string }): window is SteppedWindow {
  return window.kind === stepped.kind
}

/** A list in which equal things stand once. */
class Listed<T> {
  readonly all: T[] = []
  readonly #name: (one: T) => unknown
  readonly #places = new Map<string, number>()

  constructor(name: (one: T) => unknown) {
    this.#name = name
  }

  place(one: T): number {
    const name = JSON.stringify(this.#name(one))
    const known = this.#places.get(name)
    if (known !== undefined) return known
    this.#places.set(name, this.all.length)
    return this.all.push(one) - 1
  }
}
