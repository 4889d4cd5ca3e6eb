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
import { labelSuffixes } from '../vocabulary/outcomes/label-columns.ts'
import { entityPlan } from './sources/source.ts'

/** What a model learns to predict: one value for an entity and a time, null while it cannot be known yet. */
export interface Label<N extends string, E extends AnyEntity, V, S = { readonly '': V }> {
  readonly kind: 'label'
  readonly name: N
  readonly of: E
  readonly about: About
  readonly plan: LabelPlan
  readonly '~value'?: V
  readonly '~columns'?: S
}

export type AnyLabel = Label<string, AnyEntity, unknown, unknown>

/** The type of a label's values, null included. */
export type LabelOf<L> = L extends Label<string, AnyEntity, infer V, unknown> ? V | null : never

/** The columns that a label adds to a training set, by name, null included. */
export type LabelColumnsOf<L> =
  L extends Label<infer N, AnyEntity, unknown, infer S>
    ? { readonly [K in keyof S & string as `${N}${K}`]: S[K] | null }
    : never

type Labelled<E, A> = E extends A
  ? E
  : E extends Entity<infer N, Row>
    ? `entity '${N}' is not one of the entities of this fact`
    : never

export interface LabelSpec<R extends Row, A extends AnyEntity, E extends AnyEntity, V, S> extends About {
  readonly of: Labelled<E, A>
  /** The fact that `value` aggregates; `happens(fact)` and `next(fact, column)` bring their own. */
  readonly from?: Fact<R, A>
  readonly value: ((f: AggregateBuilder<R>) => Outcome<V, S>) | Happening<A, V, S>
}

/**
 * Declares a label: an aggregate over the time after t.
 *
 * @example label('next_day_kwh', { of: customer, from: usage, value: (f) => f.sum('kwh').ahead('1d', { maturity: '6h' }) })
 */
export function label<const N extends string, E extends AnyEntity, R extends Row, A extends AnyEntity, V, S>(
  name: N,
  spec: LabelSpec<R, A, E, V, S>,
): Label<N, E, Exclude<V, null>, S> {
  const place = { label: name }
  const plan = freezeDeep(evaluate(place, 'its definition is wrong', () => planOf(name, spec, place)))
  return Object.freeze({ kind: 'label', name, of: spec.of as E, about: aboutOf(spec), plan })
}

function planOf<R extends Row, A extends AnyEntity, E extends AnyEntity, V, S>(
  name: string,
  spec: LabelSpec<R, A, E, V, S>,
  place: Place,
): LabelPlan {
  checkName(name, 'the name', place)
  const entity = entityPlan(spec.of, place)
  const planned = outcomeOf(spec, place).plan(place)
  const last = labelSuffixes(planned).at(-1) ?? ''
  if (last !== '') checkName(`${name}${last}`, 'the name of its last column', place)
  if (planned.fact.entities.some((candidate) => candidate.name === entity.name)) return { name, entity, ...planned }
  const names = planned.fact.entities.map((one) => one.name).join(', ')
  throw invalid(
    place,
    `entity '${entity.name}' is not one of the entities of fact '${planned.fact.table}', which are ${names}`,
  )
}

function outcomeOf<R extends Row, A extends AnyEntity, E extends AnyEntity, V, S>(
  spec: LabelSpec<R, A, E, V, S>,
  place: Place,
): Outcome<V, S> {
  const { from, value } = spec
  if (typeof value !== 'function') return checked(value, place)
  if (from?.kind !== 'fact') throw invalid(place, 'its value aggregates a fact, so it needs from: a fact')
  return checked(
    evaluate(place, 'its value is wrong', () => value(aggregateBuilder<R>(from.plan))),
    place,
  )
}

function checked<V, S>(given: Outcome<V, S>, place: Place): Outcome<V, S> {
  if (typeof given === 'object' && given !== null && 'plan' in given) return given
  throw invalid(
    place,
    `its value must be an aggregate ahead of t, like f.sum('kwh').ahead('1d'), ` +
      `happens(fact).within('14d') or next(fact, 'kind').within('14d')`,
  )
}
