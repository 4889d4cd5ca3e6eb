import type { ExpressionsPlan } from '../plan/on-demand-plan.ts'
import { expressionValue, type PlacedColumn } from '../vocabulary/algebra/expression-value.ts'
import type { Value } from '../vocabulary/algebra/value.ts'

/** Computes the values of an on-demand feature from its inputs, which the values of the request follow. */
export type Computation = (row: readonly Value[]) => readonly Value[]

/** Compiles the expressions of an on-demand feature to be evaluated in process. */
export function expressionsComputation({ inputs, request, features }: ExpressionsPlan): Computation {
  const places = new Map([...inputs, ...request].map(({ name, type }, place) => [name, { place, type }]))
  const column = (name: string): PlacedColumn => {
    const found = places.get(name)
    if (found === undefined) throw new Error(`an expression reads ${name}, which is no input of its feature`)
    return found
  }
  const evaluators = features.map(({ expression }) => expressionValue(expression, column))
  return (row) => evaluators.map((evaluate) => evaluate(row))
}
