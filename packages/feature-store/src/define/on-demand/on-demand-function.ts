import type { RequestColumn } from '../../plan/on-demand-plan.ts'
import type { About } from '../about.ts'
import type { AnyFeatureView } from '../feature-view.ts'
import { invalid, type Place } from '../invalid-definition.ts'
import { sourceColumns, type Row, type RowOf, type Shape } from '../sources/columns.ts'
import { checkValueNames } from './value-names.ts'
import type { InputsOf } from './inputs.ts'
import type { RequestValues } from './request.ts'

/** What a function is given: features by `view__feature`, and the values of the request. What is missing is null. */
export interface OnDemandCall {
  readonly features: Readonly<Record<string, unknown>>
  readonly request: Readonly<Record<string, unknown>>
}

/** Computes the values of one row, always the same of the same. */
export type OnDemandFunction = (call: OnDemandCall) => unknown

export interface OnDemandFunctionSpec<
  V extends readonly AnyFeatureView[],
  R extends Row,
  S extends Shape,
> extends About {
  /** The views whose features it is given, with `pick` only some of them. */
  readonly of: V
  /** The values that a request brings. */
  readonly request: RequestValues<R>
  /** Another text whenever `compute` gives other values. */
  readonly version: string
  /** The values that it computes, each a zod schema. */
  readonly output: S
  /**
   * Computes the values of one row. It must always give the same of the same, and read nothing else: it runs over every
   * row of a training set and for every request. Whole numbers and decimals are numbers, instants are Dates, dates are
   * text like `2026-01-31`. `features` and `request` change with the next row: keep what they hold, not them.
   */
  readonly compute: (call: { readonly features: InputsOf<V>; readonly request: GivenOf<R> }) => ComputedOf<S>
}

/** The values of a request as a function is given them: what was left out is null. */
export type GivenOf<R> = {
  readonly [K in keyof R]-?: Exclude<R[K], undefined> | (undefined extends R[K] ? null : never)
}

/** What a function returns; a value that may be null may be left out. */
export type ComputedOf<S extends Shape> = {
  readonly [K in keyof S as null extends RowOf<S>[K] ? never : K]: RowOf<S>[K]
} & { readonly [K in keyof S as null extends RowOf<S>[K] ? K : never]?: RowOf<S>[K] | undefined }

/** The version and the values of a function, checked. */
export function functionParts(
  name: string,
  { version, output, compute }: { readonly version?: string; readonly output?: Shape; readonly compute?: unknown },
  place: Place,
): { readonly version: string; readonly features: readonly RequestColumn[] } {
  if (typeof compute !== 'function') throw invalid(place, 'its compute must be a function')
  if (typeof version !== 'string' || version === '')
    throw invalid(place, "a function needs a version, such as '1', which changes whenever compute gives other values")
  if (output === undefined) throw invalid(place, 'a function needs output, the zod schemas of its values')
  const features = sourceColumns(output, place)
  checkValueNames(
    name,
    features.map((feature) => feature.name),
    place,
  )
  const decimal = features.find(({ type }) => typeof type === 'object')
  if (decimal !== undefined)
    throw invalid(
      { ...place, feature: decimal.name },
      'a function computes with numbers, which decimals are not; use z.number()',
    )
  return { version, features }
}
