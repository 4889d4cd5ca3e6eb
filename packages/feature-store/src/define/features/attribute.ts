import type { DimensionPlan } from '../../plan/source-plan.ts'
import type { AttributeFeature } from '../../vocabulary/features/attribute.ts'
import { single, type Defaultable } from './features.ts'
import { invalid } from '../invalid-definition.ts'
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
    if (dimension.validFrom === null && options.withoutHistory !== 'allow') {
      throw invalid(
        place,
        `dimension '${dimension.table}' keeps no history, so '${column}' leaks the present into the past; ` +
          `give it validFrom, or accept that with { withoutHistory: 'allow' }`,
      )
    }
    return { kind: 'attribute', name, type, nullable: true, dimension, column } satisfies AttributeFeature
  })
}
