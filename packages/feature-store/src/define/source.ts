import type { EntityPlan, SourceColumn } from '../plan/source-plan.ts'
import type { Row } from './columns.ts'
import type { AnyEntity, Entity } from './entity.ts'
import { invalid, type Place } from './invalid-definition.ts'

/** The entity itself when a row carries its key columns, and a sentence otherwise. */
export type KeyedBy<R, E> = E extends Entity<infer N, infer K>
  ? [MissingKeys<R, K>] extends [never]
    ? [MistypedKeys<R, K>] extends [never]
      ? E
      : `column '${MistypedKeys<R, K>}' is not of the type that entity '${N}' gives it`
    : `this table lacks column '${MissingKeys<R, K>}', a key of entity '${N}'`
  : never

type MissingKeys<R, K> = Exclude<keyof K, keyof R> & string
type MistypedKeys<R, K> = { [C in keyof K]: C extends keyof R ? (NonNullable<R[C]> extends K[C] ? never : C) : never }[keyof K] & string

export type KeyedByAll<R extends Row, E extends readonly AnyEntity[]> = { readonly [I in keyof E]: KeyedBy<R, E[I]> }

/** The plan of an entity; callers without types may have given something else. */
export function entityPlan(given: AnyEntity | string | undefined, place: Place): EntityPlan {
  if (typeof given === 'object' && given.kind === 'entity') return given.plan
  throw invalid(place, `${typeof given === 'string' ? `'${given}'` : typeof given} is not an entity; make one with entity(name, keys)`)
}

/** Refuses a table that lacks key columns of an entity, or has them in another type. */
export function checkKeys(columns: readonly SourceColumn[], entity: EntityPlan, place: Place): void {
  for (const key of entity.keys) {
    const column = columns.find((candidate) => candidate.name === key.name)
    if (column === undefined) throw invalid(place, `this table lacks column '${key.name}', a key of entity '${entity.name}'`)
    const [here, there] = [typeText(column.type), typeText(key.type)]
    if (here !== there) {
      throw invalid({ ...place, column: key.name }, `it is ${here} here and ${there} in entity '${entity.name}'; declare both alike`)
    }
  }
}

/** The column of a source, or an error that lists those there are. */
export function columnNamed(columns: readonly SourceColumn[], name: string, what: string, place: Place): SourceColumn {
  const column = columns.find((candidate) => candidate.name === name)
  if (column !== undefined) return column
  throw invalid(place, `this ${what} has no column '${name}'; it has ${columns.map((candidate) => candidate.name).join(', ')}`)
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
  return roleColumn(columns, name, 'sequence', ['integer', 'bigint', 'double', 'text', 'timestamp', 'date', ...decimals], place)
}

/** A column type as people write it: `decimal(12, 2)`. */
export function typeText(type: SourceColumn['type']): string {
  return typeof type === 'string' ? type : `decimal(${type.decimal.join(', ')})`
}
