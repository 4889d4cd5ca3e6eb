import { freezeDeep } from '../plan/canonical-json.ts'
import type { LabelPlan } from '../plan/label-plan.ts'
import { aboutOf, type About } from './about.ts'
import { aggregateBuilder, type AggregateBuilder } from './features/aggregate-builder.ts'
import type { Row } from './sources/columns.ts'
import type { AnyEntity, Entity } from './sources/entity.ts'
import type { Fact } from './sources/fact.ts'
import type { Happening } from './features/happens.ts'
import { evaluate, invalid, type Place } from './invalid-definition.ts'
import { checkName } from './names.ts'
import type { Outcome } from './features/outcome.ts'
import { entityPlan } from './sources/source.ts'

/** What a model learns to predict: one value for an entity and a time, null while it cannot be known yet. */
export interface Label<N extends string, E extends AnyEntity, V> {
  readonly kind: 'label'
  readonly name: N
  readonly of: E
  readonly about: About
  readonly plan: LabelPlan
  readonly '~value'?: V
}

export type AnyLabel = Label<string, AnyEntity, unknown>

/** The type of a label's values, null included. */
export type LabelOf<L> = L extends Label<string, AnyEntity, infer V> ? V | null : never

type Labelled<E, A> = E extends A
  ? E
  : E extends Entity<infer N, Row>
    ? `entity '${N}' is not one of the entities of this fact`
    : never

export interface LabelSpec<R extends Row, A extends AnyEntity, E extends AnyEntity, V> extends About {
  readonly of: Labelled<E, A>
  /** The fact that `value` aggregates; `happens(fact)` brings its own. */
  readonly from?: Fact<R, A>
  readonly value: ((f: AggregateBuilder<R>) => Outcome<V>) | (Happening<A> & Outcome<V>)
}

/**
 * Declares a label: an aggregate over the time after t.
 *
 * @example label('next_day_kwh', { of: customer, from: usage, value: (f) => f.sum('kwh').ahead('1d', { maturity: '6h' }) })
 */
export function label<const N extends string, E extends AnyEntity, R extends Row, A extends AnyEntity, V>(
  name: N,
  spec: LabelSpec<R, A, E, V>,
): Label<N, E, Exclude<V, null>> {
  const place = { label: name }
  const plan = freezeDeep(evaluate(place, 'its definition is wrong', () => planOf(name, spec, place)))
  return Object.freeze({ kind: 'label', name, of: spec.of as E, about: aboutOf(spec), plan })
}

function planOf<R extends Row, A extends AnyEntity, E extends AnyEntity, V>(
  name: string,
  spec: LabelSpec<R, A, E, V>,
  place: Place,
): LabelPlan {
  checkName(name, 'the name', place)
  const entity = entityPlan(spec.of, place)
  const planned = outcomeOf(spec, place).plan(place)
  if (planned.fact.entities.some((candidate) => candidate.name === entity.name)) return { name, entity, ...planned }
  const names = planned.fact.entities.map((one) => one.name).join(', ')
  throw invalid(
    place,
    `entity '${entity.name}' is not one of the entities of fact '${planned.fact.table}', which are ${names}`,
  )
}

function outcomeOf<R extends Row, A extends AnyEntity, E extends AnyEntity, V>(
  spec: LabelSpec<R, A, E, V>,
  place: Place,
): Outcome<V> {
  const { from, value } = spec
  if (typeof value !== 'function') return checked(value, place)
  if (from?.kind !== 'fact') throw invalid(place, 'its value aggregates a fact, so it needs from: a fact')
  return checked(
    evaluate(place, 'its value is wrong', () => value(aggregateBuilder<R>(from.plan))),
    place,
  )
}

function checked<V>(given: Outcome<V>, place: Place): Outcome<V> {
  if (typeof given === 'object' && given !== null && 'plan' in given) return given
  throw invalid(
    place,
    `its value must be an aggregate ahead of t, like f.sum('kwh').ahead('1d'), or happens(fact).within('14d')`,
  )
}
