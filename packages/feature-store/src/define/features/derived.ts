import type { FeaturePlan } from '../../plan/feature-plan.ts'
import type { DerivedFeature } from '../../vocabulary/features/derived.ts'
import { withZone } from '../../vocabulary/algebra/expression-columns.ts'
import { expressionRow, type ExpressionRow } from '../expressions/expression-row.ts'
import { evaluate, invalid, type Place } from '../invalid-definition.ts'
import { isValued, type Valued } from '../expressions/operand.ts'
import { undefaulted, type DefaultedValue } from './default-value.ts'
import { oldNameOf } from './renamed-from.ts'

/** Expressions by name. */
export type ExpressionMap = Readonly<Record<string, Valued<unknown>>>
/** What `derive` of a view returns. */
export type DerivedMap = Readonly<Record<string, Valued<unknown> | DefaultedValue<unknown>>>

/** Derived features, each with the type of its values. */
export type DerivedOf<D> = {
  readonly [K in keyof D & string]: D[K] extends { readonly '~value'?: infer V } ? V : never
}

/** Plans expressions over the given features of the same row. */
export function planDerived<R>(
  features: readonly FeaturePlan[],
  derive: (row: ExpressionRow<R>) => DerivedMap,
  zone: string,
  place: Place,
): readonly FeaturePlan[] {
  const derived: unknown = evaluate(place, 'its derive is wrong', () => derive(expressionRow<R>(features, 'feature')))
  if (typeof derived !== 'object' || derived === null)
    throw invalid(place, 'its derive must return an object of expressions')
  return Object.entries(derived).map(([name, given]: [string, unknown]) => {
    const { of, mark } = undefaulted(given)
    if (!isValued(of))
      throw invalid({ ...place, feature: name }, 'it must be an expression over features, like v.kwh_7d.div(7)')
    const old = oldNameOf(given) ?? oldNameOf(of)
    return mark({ kind: 'derived', ...plannedExpression(name, of, zone, old) } satisfies DerivedFeature)
  })
}

/** What the plan of a feature says that is an expression. */
export function plannedExpression(
  name: string,
  given: Valued<unknown>,
  zone: string,
  old: string | undefined,
): Omit<DerivedFeature, 'kind'> {
  const renamed = old === undefined ? {} : { renamedFrom: old }
  const { type, nullable } = given.typed
  return { name, ...renamed, expression: withZone(given.typed.expression, zone), type, nullable }
}
