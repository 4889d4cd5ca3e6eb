import type { DimensionPlan, EntityPlan } from '../../plan/source-plan.ts'
import type { AttributeFeature } from '../../vocabulary/features/attribute.ts'
import { single, type Defaultable } from './features.ts'
import { invalid, type Place } from '../invalid-definition.ts'
import { columnNamed } from '../sources/source.ts'

export interface AttributeOptions {
  /**
   * Accepts a dimension that keeps no history: the value of today stands in every row of the past,
   * so a model trains on what could not have been known.
   */
  readonly withoutHistory?: 'allow'
}

type Accept = "give it validFrom, or accept that with { withoutHistory: 'allow' }"
export type Leaks = `this dimension keeps no history, so it leaks the present into the past; ${Accept}`

export type AttributeColumn<C extends string, R> = C extends keyof R ? C : `this dimension has no column '${C}'`
export type AttributeValue<R, C extends string> = (C extends keyof R ? NonNullable<R[C]> : never) | null

/** A dimension's column as of T. */
export function attribute<V>(
  dimension: DimensionPlan,
  column: string,
  options: AttributeOptions = {},
): Defaultable<V, ''> {
  return single((name, place) => {
    const { type } = columnNamed(dimension.columns, column, 'dimension', place)
    refuseLeaks(dimension, column, options, place)
    return { kind: 'attribute', name, type, nullable: true, dimension, column } satisfies AttributeFeature
  })
}

/** Refuses a dimension without history, unless that was accepted. */
export function refuseLeaks(
  { table, validFrom }: DimensionPlan,
  column: string,
  options: AttributeOptions | undefined,
  place: Place,
): void {
  if (validFrom !== null || options?.withoutHistory === 'allow') return
  throw invalid(
    place,
    `dimension '${table}' keeps no history, so '${column}' leaks the present into the past; ` +
      `give it validFrom, or accept that with { withoutHistory: 'allow' }`,
  )
}

/** Refuses a dimension of another entity. */
export function checkDescribes({ table, entity }: DimensionPlan, wanted: EntityPlan, place: Place): void {
  if (entity.name === wanted.name) return
  throw invalid(place, `dimension '${table}' describes entity '${entity.name}', not entity '${wanted.name}'`)
}
