import type { ColumnType } from '@martlet/warehouse'
import type { FeaturePlan } from '../../plan/feature-plan.ts'
import { standingKind } from '../../vocabulary/standings/list.ts'
import type { StandingFeature } from '../../vocabulary/features/standing.ts'
import { expressionRow, type ExpressionRow } from '../expressions/expression-row.ts'
import { familyOf, familyText, isValued, type NullOf, type Valued } from '../expressions/operand.ts'
import { evaluate, invalid, type Place } from '../invalid-definition.ts'
import { defaultableValue, undefaulted, type DefaultedValue } from './default-value.ts'
import { oldNameOf } from './renamed-from.ts'
import { isStanding, type Standing } from './standing-value.ts'

/** Among whom a value stands: those whose value of `within` is the same. A row without one gets null. */
export interface Within {
  readonly within?: Valued<string | number | boolean | null>
}

type Num<V> = V extends Valued<number | null> ? V : 'only numbers stand among others, and this is not one'
type NullWith<V, O> = NullOf<V> | (O extends { readonly within: infer W } ? NullOf<W> : never)

/**
 * Where a value of the row stands among those of everybody who has a row at the same T, whatever rows are asked for.
 * Nulls take no part and get null.
 */
export interface Everybody {
  /** 1 for the greatest; equal values share the smallest rank. */
  rank<V, const O extends Within = Within>(value: Num<V>, options?: O): Standing<number | NullWith<V, O>>
  /** The share of the others that are below: 0 for the lowest, 1 for the greatest. */
  percentRank<V, const O extends Within = Within>(value: Num<V>, options?: O): Standing<number | NullWith<V, O>>
  /** The part, 1 the lowest, when everybody is divided into `parts` of equal size; of equal values by the key. */
  ntile<V, const O extends Within = Within>(
    value: Num<V>,
    parts: number,
    options?: O,
  ): Standing<number | NullWith<V, O>>
  /** `ceil(parts × share of values <= value)`, 1 the lowest: equal values share a part. */
  quantile<V, const O extends Within = Within>(
    value: Num<V>,
    parts: number,
    options?: O,
  ): Standing<number | NullWith<V, O>>
  /** Standard deviations (of the sample) above the mean; null where all are equal. */
  zscore<V>(value: Num<V>, options?: Within): Standing<number | null>
  /** The value divided by the sum of all; null where that is 0. */
  share<V>(value: Num<V>, options?: Within): Standing<number | null>
}

/** What `among` of a view returns. */
export type StandingMap = Readonly<Record<string, unknown>>

/** Why a member of `among` is no standing; `never` when all are. */
export type UnfitStanding<A> = {
  [K in keyof A & string]: A[K] extends Standing<unknown> | DefaultedValue<unknown>
    ? never
    : `'${K}' of among is not a standing; write everybody.rank(v.kwh_7d), or the like`
}[keyof A & string]

/** Standings, each with the type of its values. */
export type StandingsOf<A> = {
  readonly [K in keyof A & string]: A[K] extends { readonly '~value'?: infer V } ? V : never
}

const everybody = Object.freeze({
  rank: (value, options) => standing('rank', value, null, options),
  percentRank: (value, options) => standing('percentRank', value, null, options),
  ntile: (value, parts, options) => standing('ntile', value, parts, options),
  quantile: (value, parts, options) => standing('quantile', value, parts, options),
  zscore: (value, options) => standing('zscore', value, null, options),
  share: (value, options) => standing('share', value, null, options),
} satisfies Everybody)

function standing<V>(name: string, value: unknown, parts: number | null, { within }: Within = {}): Standing<V> {
  const kind = standingKind(name)
  if (!isValued(value) || familyOf(value.typed.type) !== 'number') throw new TypeError(`${name}() is of a number`)
  if (parts !== null && (!Number.isSafeInteger(parts) || parts < 2 || parts > MOST_PARTS))
    throw new TypeError(`${name}() divides everybody into 2 to ${MOST_PARTS} parts, not into ${parts}`)
  if (within !== undefined && (!isValued(within) || !groups(within.typed.type)))
    throw new TypeError(`${name}() is within a text, a whole number or a boolean of the row${was(within)}`)
  return Object.freeze({
    standing: {
      standing: name,
      of: value.typed.expression,
      within: within?.typed.expression ?? null,
      parts,
      type: kind.type,
      nullable: kind.nullable || value.typed.nullable || within?.typed.nullable === true,
    },
    ...defaultableValue,
  })
}

const MOST_PARTS = 10_000

function groups(type: ColumnType): boolean {
  return type === 'text' || type === 'boolean' || type === 'integer' || type === 'bigint'
}

function was(within: unknown): string {
  return isValued(within) ? `, not ${familyText(within.typed.type)}` : ''
}

/** Plans standings of the given features of the same row. */
export function planStandings<R>(
  features: readonly FeaturePlan[],
  among: (row: ExpressionRow<R>, everybody: Everybody) => StandingMap,
  place: Place,
): readonly FeaturePlan[] {
  const given: unknown = evaluate(place, 'its among is wrong', () =>
    among(expressionRow<R>(features, 'feature'), everybody),
  )
  if (typeof given !== 'object' || given === null) throw invalid(place, 'its among must return an object of standings')
  return Object.entries(given).map(([name, one]: [string, unknown]) => {
    const { of, mark } = undefaulted(one)
    if (!isStanding(of))
      throw invalid({ ...place, feature: name }, 'it must be a standing, like everybody.rank(v.kwh_7d)')
    const old = oldNameOf(one) ?? oldNameOf(of)
    const renamed = old === undefined ? {} : { renamedFrom: old }
    const feature: StandingFeature = { kind: 'standing', name, ...renamed, ...of.standing }
    return mark(feature)
  })
}
