import type { ViewPlan } from '@martlet/feature-store'
import { typeText, type ColumnType } from '@martlet/warehouse'

/** An entity as Feast has it: one join key. */
export interface FeastEntity {
  readonly name: string
  readonly joinKey: string
  /** Null: of the entity that Feast gives to views without keys. */
  readonly type: ColumnType | null
}

/** What Feast itself calls the entity of a view that holds for everybody. */
const EVERYBODY: FeastEntity = { name: '__dummy', joinKey: '__dummy_id', type: null }

export interface FeastEntities {
  readonly all: readonly FeastEntity[]
  /** The entities of one of the views, in the order of its keys. */
  of(view: ViewPlan): readonly FeastEntity[]
}

/**
 * The entities of some views. In Feast an entity has one key, so each key column is an entity: called as ours where that has
 * no other key, and as the column otherwise.
 */
export function feastEntities(views: readonly ViewPlan[]): FeastEntities {
  const byKey = new Map<string, FeastEntity>()
  const taken = new Set<string>()
  const keyOf = (name: string, type: ColumnType): string => `${name} ${typeText(type)}`
  const add = (wanted: string, joinKey: string, type: ColumnType): void => {
    if (byKey.has(keyOf(joinKey, type))) return
    let name = wanted
    for (let count = 2; taken.has(name); count++) name = `${wanted}_${count}`
    taken.add(name)
    byKey.set(keyOf(joinKey, type), { name, joinKey, type })
  }
  // Entities of one key first: they give their name to the column, which others may have among several.
  for (const { entity } of views.toSorted((a, b) => a.entity.keys.length - b.entity.keys.length))
    for (const { name, type } of entity.keys) add(entity.keys.length === 1 ? entity.name : name, name, type)
  const everybody = views.some(({ entity }) => entity.keys.length === 0) ? [EVERYBODY] : []
  return {
    all: [...byKey.values(), ...everybody],
    of: ({ entity }) =>
      entity.keys.length === 0
        ? [EVERYBODY]
        : entity.keys.flatMap(({ name, type }) => byKey.get(keyOf(name, type)) ?? []),
  }
}
