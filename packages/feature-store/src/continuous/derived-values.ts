import type { Expression } from '../plan/expression.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import { expressionValue, type PlacedColumn } from '../vocabulary/algebra/expression-value.ts'
import { withFeatureTime } from '../vocabulary/algebra/expression-columns.ts'
import type { Value } from '../vocabulary/algebra/value.ts'

/** No feature has this name. */
const TIME = '~time'

/** Fills in the derived features of a row of feature values, which T follows. */
export function derivedValues(view: ViewPlan): (row: Value[]) => void {
  const places = new Map<string, PlacedColumn>(view.features.map(({ name, type }, place) => [name, { place, type }]))
  places.set(TIME, { place: view.features.length, type: 'timestamp' })
  const column = (name: string): PlacedColumn => {
    const found = places.get(name)
    if (found === undefined) throw new Error(`an expression of ${view.name} reads ${name}, which is no feature of it`)
    return found
  }
  const steps = view.features.flatMap((feature, place) => {
    const expression = 'expression' in feature ? (feature.expression as Expression) : undefined
    if (feature.kind !== 'derived' || expression === undefined) return []
    const evaluate = expressionValue(withFeatureTime(expression, { kind: 'column', name: TIME }), column)
    return [{ place, evaluate }]
  })
  return (row) => {
    for (const { place, evaluate } of steps) row[place] = finite(evaluate(row))
  }
}

function finite(value: Value): Value {
  return typeof value === 'number' && !Number.isFinite(value) ? null : value
}
