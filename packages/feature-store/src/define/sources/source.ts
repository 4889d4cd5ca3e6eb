import { typeText } from '@martlet/warehouse'
import type { EntityPlan, SourceColumn, SourcePlan } from '../../plan/source-plan.ts'
import type { Row } from './columns.ts'
import type { AnyEntity, Entity, EntityFrom } from './entity.ts'
import { invalid, type Place } from '../invalid-definition.ts'

/** The entity itself when a row carries its key columns, and a sentence otherwise. */
export type KeyedBy<R, E> =
  E extends EntityFrom<Entity<infer N, infer K>, infer M>
    ? [Exclude<keyof M, keyof K>] extends [never]
      ? [MissingColumns<R, K, M>] extends [never]
        ? [MistypedColumns<R, K, M>] extends [never]
          ? E
          : `column '${MistypedColumns<R, K, M>}' is not of the type that entity '${N}' gives its key`
        : `this table has no column '${MissingColumns<R, K, M>}' for a key of entity '${N}'`
      : `entity '${N}' has no key '${Exclude<keyof M, keyof K> & string}'`
    : KeyedByOwnNames<R, E>

type KeyedByOwnNames<R, E> =
  E extends Entity<infer N, infer K>
    ? [MissingKeys<R, K>] extends [never]
      ? [MistypedKeys<R, K>] extends [never]
        ? E
        : `column '${MistypedKeys<R, K>}' is not of the type that entity '${N}' gives it`
      : `this table lacks column '${MissingKeys<R, K>}', a key of entity '${N}'`
    : never

/** The column of a table that holds each key. */
type ColumnFor<M, C extends string> = C extends keyof M ? (M[C] extends string ? M[C] : C) : C
type MissingColumns<R, K, M> = Exclude<{ [C in keyof K & string]: ColumnFor<M, C> }[keyof K & string], keyof R>
type MistypedColumns<R, K, M> = {
  [C in keyof K & string]: ColumnFor<M, C> extends keyof R
    ? NonNullable<R[ColumnFor<M, C>]> extends K[C]
      ? never
      : ColumnFor<M, C>
    : never
}[keyof K & string]

/** An entity, or one whose keys have other names in a table. */
export type KeyedEntity = AnyEntity | EntityFrom<AnyEntity, unknown>
/** The entity that is meant, whatever its keys are called in a table. */
export type EntityIn<E> = E extends EntityFrom<infer A, unknown> ? A : E extends AnyEntity ? E : never

type MissingKeys<R, K> = Exclude<keyof K, keyof R> & string
type MistypedKeys<R, K> = {
  [C in keyof K]: C extends keyof R ? (NonNullable<R[C]> extends K[C] ? never : C) : never
}[keyof K] &
  string

export type KeyedByAll<R extends Row, E extends readonly KeyedEntity[]> = { readonly [I in keyof E]: KeyedBy<R, E[I]> }

/** The plan of an entity; callers without types may have given something else. */
export function entityPlan(given: KeyedEntity | string | undefined, place: Place): EntityPlan {
  if (typeof given === 'object' && given.kind === 'entity') return given.plan
  throw invalid(
    place,
    `${typeof given === 'string' ? `'${given}'` : typeof given} is not an entity; make one with entity(name, keys)`,
  )
}

/**
 * The entities of a table, and where their keys have other names there. Refuses a table that lacks key columns, or
 * has them in another type.
 */
export function tableEntities(
  given: readonly (KeyedEntity | string | undefined)[],
  columns: readonly SourceColumn[],
  place: Place,
): Pick<SourcePlan, 'keyColumns'> & { readonly entities: readonly EntityPlan[] } {
  const named: Record<string, Readonly<Record<string, string>>> = {}
  const entities = given.map((one) => {
    const isFrom = typeof one === 'object' && one.kind === 'entity from'
    const entity = entityPlan(isFrom ? one.entity : one, place)
    const renamed = isFrom ? keyNames(one.columns, entity, place) : {}
    checkKeys(columns, entity, renamed, place)
    if (Object.keys(renamed).length > 0) named[entity.name] = renamed
    return entity
  })
  return { entities, ...(Object.keys(named).length > 0 ? { keyColumns: named } : {}) }
}

/** As {@link tableEntities}, for a table of one entity. */
export function tableEntity(
  given: KeyedEntity | string | undefined,
  columns: readonly SourceColumn[],
  place: Place,
): Pick<SourcePlan, 'keyColumns'> & { readonly entity: EntityPlan } {
  const {
    entities: [entity],
    ...named
  } = tableEntities([given], columns, place)
  if (entity === undefined) throw invalid(place, 'it names no entity')
  return { entity, ...named }
}

function keyNames(given: unknown, entity: EntityPlan, place: Place): Readonly<Record<string, string>> {
  if (typeof given !== 'object' || given === null)
    throw invalid(place, `from() of entity '${entity.name}' takes an object of key and column`)
  return Object.fromEntries(
    Object.entries(given).flatMap(([key, column]: [string, unknown]): readonly [string, string][] => {
      if (!entity.keys.some(({ name }) => name === key))
        throw invalid(
          place,
          `entity '${entity.name}' has no key '${key}'; it has ${entity.keys.map(({ name }) => name).join(', ')}`,
        )
      if (typeof column !== 'string')
        throw invalid(place, `the column for key '${key}' of entity '${entity.name}' must be a name`)
      return column === key ? [] : [[key, column]]
    }),
  )
}

function checkKeys(
  columns: readonly SourceColumn[],
  entity: EntityPlan,
  renamed: Readonly<Record<string, string>>,
  place: Place,
): void {
  for (const key of entity.keys) {
    const name = renamed[key.name] ?? key.name
    const column = columns.find((candidate) => candidate.name === name)
    if (column === undefined)
      throw invalid(
        place,
        renamed[key.name] === undefined
          ? `this table lacks column '${name}', a key of entity '${entity.name}'`
          : `this table has no column '${name}' for key '${key.name}' of entity '${entity.name}'`,
      )
    const [here, there] = [typeText(column.type), typeText(key.type)]
    if (here !== there) {
      throw invalid(
        { ...place, column: name },
        `it is ${here} here and ${there} in entity '${entity.name}'; declare both alike`,
      )
    }
  }
}

/** The column of a source, or an error that lists those there are. */
export function columnNamed(columns: readonly SourceColumn[], name: string, what: string, place: Place): SourceColumn {
  const column = columns.find((candidate) => candidate.name === name)
  if (column !== undefined) return column
  throw invalid(
    place,
    `this ${what} has no column '${name}'; it has ${columns.map((candidate) => candidate.name).join(', ')}`,
  )
}

/** Finds a column and refuses it when it is of a type that its role cannot have. */
export function roleColumn(
  columns: readonly SourceColumn[],
  name: string,
  role: string,
  types: readonly SourceColumn['type'][],
  place: Place,
): string {
  const column = columns.find((candidate) => candidate.name === name)
  if (column === undefined) {
    throw invalid(place, `${role} '${name}' is not one of its columns: ${columns.map((one) => one.name).join(', ')}`)
  }
  if (types.includes(column.type)) return name
  throw invalid(place, `${role} '${name}' is ${typeText(column.type)}; it must be ${types.map(typeText).join(' or ')}`)
}

/** The column that orders rows of one time, of whatever type has an order. */
export function sequenceColumn(columns: readonly SourceColumn[], name: string, place: Place): string {
  const decimals = columns.flatMap(({ type }) => (typeof type === 'object' ? [type] : []))
  return roleColumn(
    columns,
    name,
    'sequence',
    ['integer', 'bigint', 'double', 'text', 'timestamp', 'date', ...decimals],
    place,
  )
}
