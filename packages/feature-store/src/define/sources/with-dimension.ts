import { typeText } from '@martlet/warehouse'
import { isDeepStrictEqual } from 'node:util'
import {
  sourceKeys,
  type ComputedColumn,
  type DimensionPlan,
  type EventDimension,
  type EventsPlan,
} from '../../plan/source-plan.ts'
import { isNeighbour, someExpression } from '../../vocabulary/algebra/expression-columns.ts'
import { eventColumns, isAnonymous, neededColumns } from '../../vocabulary/sources/computed.ts'
import { invalid, type Place } from '../invalid-definition.ts'
import { checkDistinct } from '../names.ts'
import type { Row } from './columns.ts'
import type { Dimension } from './dimension.ts'
import type { AnyEntity, Entity } from './entity.ts'
import { columnNamed, tableEntities, type KeyedBy, type KeyedEntity } from './source.ts'

/** How a dimension is joined to events. */
export interface WithDimension {
  /** For each column of the fact that holds a key of the dimension, the dimension's key column. */
  readonly on: Readonly<Record<string, string>>
  /** The columns that are wanted. @default all but the keys */
  readonly columns?: readonly string[]
  /** Put before the names of the columns: `as: 'vehicle'` makes `vehicle_depot_id` of `depot_id`. */
  readonly as?: string
  /** Entities whose keys are now columns of the fact, under other names with `depot.from({ … })`. */
  readonly entities?: readonly KeyedEntity[]
  /** Accepts a dimension that keeps no history: every event then has the values of today. */
  readonly withoutHistory?: 'allow'
}

type Picked<DR, O> = O extends { readonly columns: readonly (infer C)[] }
  ? C & keyof DR & string
  : Exclude<keyof DR & string, O extends { readonly on: infer M } ? M[keyof M] : never>
type NameOf<C extends string, O> = O extends { readonly as: infer P extends string } ? `${P}_${C}` : C

/** A row with columns of a dimension beside its own. */
export type WithAttributes<R, DR, O> = {
  readonly [K in keyof R | NameOf<Picked<DR, O>, O>]: K extends keyof R
    ? R[K]
    : { [C in Picked<DR, O>]: NameOf<C, O> extends K ? DR[C] | null : never }[Picked<DR, O>]
}

/** The entities that a fact gains. */
export type AddedEntities<O> = O extends { readonly entities: readonly (infer E)[] } ? E : never

/** Nothing when the dimension can be joined so, and a sentence otherwise. */
export type FittingJoin<R, DR, DE, H, O> = O extends { readonly on: infer M }
  ? [WrongKey<R, DR, M>] extends [never]
    ? [UnnamedKey<DR, DE, M>] extends [never]
      ? [UnknownColumn<DR, O>] extends [never]
        ? [NameOf<Picked<DR, O>, O> & keyof R] extends [never]
          ? [WrongEntity<WithAttributes<R, DR, O>, O>] extends [never]
            ? H extends false
              ? O extends { readonly withoutHistory: 'allow' }
                ? unknown
                : Leaks
              : unknown
            : WrongEntity<WithAttributes<R, DR, O>, O>
          : `this fact already has a column '${NameOf<Picked<DR, O>, O> & keyof R & string}'; choose with columns: […], or add as: '…'`
        : `this dimension has no column '${UnknownColumn<DR, O>}'`
      : `on names no column for key '${UnnamedKey<DR, DE, M>}' of this dimension`
    : WrongKey<R, DR, M>
  : unknown

type Leaks =
  "this dimension keeps no history, so it leaks the present into the past; give it validFrom, or accept that with withoutHistory: 'allow'"

type WrongKey<R, DR, M> = {
  [F in keyof M & string]: F extends keyof R
    ? M[F] extends keyof DR & string
      ? NonNullable<R[F]> extends NonNullable<DR[M[F]]>
        ? never
        : `column '${F}' of this fact is not of the type of '${M[F]}' of this dimension`
      : `this dimension has no column '${M[F] & string}'`
    : `this fact has no column '${F}'`
}[keyof M & string]
type UnnamedKey<DR, DE, M> =
  DE extends Entity<string, infer K> ? Exclude<keyof K & keyof DR & string, M[keyof M]> : never
type UnknownColumn<DR, O> = O extends { readonly columns: readonly (infer C extends string)[] }
  ? Exclude<C, keyof DR & string>
  : never
type WrongEntity<R, O> = O extends { readonly entities: readonly (infer E)[] }
  ? E extends unknown
    ? Extract<KeyedBy<R, E>, string>
    : never
  : never

export type AnyJoinedDimension = Dimension<Row, AnyEntity, boolean>

/** Adds columns of a dimension as of each event's time to the plan of a fact. */
export function joinedPlan<P extends EventsPlan>(
  fact: P,
  dimension: DimensionPlan,
  options: WithDimension | undefined,
  place: Place,
): P {
  if (typeof options !== 'object' || typeof options.on !== 'object')
    throw invalid(place, `with(dimension) needs the columns to join on, like { on: { vehicle_id: 'vehicle_id' } }`)
  if (dimension.validFrom === null && options.withoutHistory !== 'allow') {
    const why = `keeps no history, so its columns leak the present into the past`
    const what = `give it validFrom, or accept that with withoutHistory: 'allow'`
    throw invalid(place, `dimension '${dimension.table}' ${why}; ${what}`)
  }
  const on = joinedOn(fact, dimension, options.on, place)
  const { of, dimensions } = namedDimension(fact, dimension)
  const keys = sourceKeys(dimension, dimension.entity)
  const others = dimension.columns.map(({ name }) => name).filter((name) => !keys.includes(name))
  const wanted = options.columns ?? others
  if (wanted.length === 0) throw invalid(place, `with() of dimension '${dimension.table}' takes no column of it`)
  checkDistinct(wanted, 'columns', place)
  const added = wanted.map((column): ComputedColumn => {
    const { type, checks } = columnNamed(dimension.columns, column, 'dimension', place)
    const name = options.as === undefined ? column : `${options.as}_${column}`
    checkNewName(fact, name, { ...place, column: name }, `; choose with columns: […], or add as: '…'`)
    const members = checks.filter(({ kind }) => kind === 'enum')
    const expression = { kind: 'attribute', of, column, on, at: fact.eventTime } as const
    return { name, type, nullable: true, checks: members, expression }
  })
  const joined = { ...fact, computed: [...(fact.computed ?? []), ...added], dimensions }
  return options.entities === undefined ? joined : withEntities(joined, options.entities, place)
}

/** Refuses a name that a column of the fact has already; engines fold the case of names differently. */
export function checkNewName(fact: EventsPlan, name: string, place: Place, otherwise: string): void {
  const twin = [...fact.columns, ...eventColumns(fact)].find(
    (column) => column.name.toLowerCase() === name.toLowerCase(),
  )
  if (twin !== undefined) throw invalid(place, `this fact already has a column '${twin.name}'${otherwise}`)
  if (isAnonymous({ name })) throw invalid(place, 'names of computed columns do not begin so; choose another')
}

/** The columns of the fact with the dimension's keys, in the order of the keys. */
function joinedOn(
  fact: EventsPlan,
  dimension: DimensionPlan,
  on: Readonly<Record<string, unknown>>,
  place: Place,
): readonly string[] {
  const keys = sourceKeys(dimension, dimension.entity)
  const columns = eventColumns(fact)
  for (const [name, key] of Object.entries(on)) {
    columnNamed(columns, name, 'fact', place)
    if (keys.some((one) => one === key)) continue
    const problem = `on names '${String(key)}', which is no key of dimension '${dimension.table}'`
    throw invalid(place, `${problem}; its keys are ${keys.join(', ')}`)
  }
  return keys.map((key) => {
    const [name, other] = Object.keys(on).filter((one) => on[one] === key)
    if (name === undefined)
      throw invalid(place, `on names no column for key '${key}' of dimension '${dimension.table}'`)
    if (other !== undefined) throw invalid(place, `on names two columns for key '${key}': ${name} and ${other}`)
    const column = columnNamed(columns, name, 'fact', place)
    const there = columnNamed(dimension.columns, key, 'dimension', place)
    const [here, its] = [typeText(column.type), typeText(there.type)]
    if (here !== its)
      throw invalid(
        { ...place, column: name },
        `it is ${here} here and ${its} in dimension '${dimension.table}'; declare both alike`,
      )
    const needed = neededColumns(fact.computed ?? [], [name])
    if (needed.some((one) => someExpression(one.expression, isNeighbour)))
      throw invalid({ ...place, column: name }, 'it is made of the event before, so no dimension can be joined on it')
    return name
  })
}

/** The dimension under a name of its own; one that is joined already keeps its name. */
function namedDimension(
  { dimensions = [] }: EventsPlan,
  dimension: DimensionPlan,
): { readonly of: string; readonly dimensions: readonly EventDimension[] } {
  const known = dimensions.find((one) => isDeepStrictEqual(one.dimension, dimension))
  if (known !== undefined) return { of: known.name, dimensions }
  const again = dimensions.filter((one) => one.dimension.table === dimension.table).length
  const name = again === 0 ? dimension.table : `${dimension.table} (${again + 1})`
  return { of: name, dimensions: [...dimensions, { name, dimension }] }
}

function withEntities<P extends EventsPlan>(fact: P, given: readonly KeyedEntity[], place: Place): P {
  const { entities, keyColumns } = tableEntities(given, eventColumns(fact), place)
  const twice = entities.find(({ name }) => fact.entities.some((known) => known.name === name))
  if (twice !== undefined) throw invalid(place, `this fact describes entity '${twice.name}' already`)
  const before = (fact.computed ?? []).find(({ expression }) => someExpression(expression, isNeighbour))
  if (before !== undefined) {
    const why = `column '${before.name}' is about the event before, which is another one for another entity`
    throw invalid(place, `${why}; join dimensions with entities first, and compute it after that`)
  }
  for (const entity of entities)
    for (const name of sourceKeys({ ...fact, ...(keyColumns === undefined ? {} : { keyColumns }) }, entity)) {
      const needed = neededColumns(fact.computed ?? [], [name])
      if (needed.length > 0 && needed[needed.length - 1]?.expression.kind !== 'attribute')
        throw invalid(
          { ...place, column: name },
          `it is computed, so it cannot be a key of entity '${entity.name}'; keys are columns of the table or of a dimension`,
        )
    }
  const named = { ...fact.keyColumns, ...keyColumns }
  return {
    ...fact,
    entities: [...fact.entities, ...entities],
    ...(Object.keys(named).length === 0 ? {} : { keyColumns: named }),
  }
}
