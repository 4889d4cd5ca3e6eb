import type { Expression } from '../../plan/expression.ts'
import { familyOf, isValued, type Valued } from './operand.ts'
import { textExpression, type TextExpression } from './text-expression.ts'

type Banded<V> = V extends Valued<number | null> ? V : 'bands() are of a number, which this is not'

/**
 * The name of the band in which a number lies, by the bands' lower edges; null below the lowest, and of null.
 *
 * @example derive: (v) => ({ tier: bands(v.kwh_28d, { low: 0, medium: 300, high: 900 }) })   // 300 is 'medium'
 */
export function bands<V, const B extends Readonly<Record<string, number>>>(
  value: Banded<V>,
  edges: B,
): TextExpression<keyof B & string, null> {
  if (!isValued(value) || familyOf(value.typed.type) !== 'number')
    throw new TypeError('bands() are of a number: bands(v.kwh_28d, { low: 0, high: 900 })')
  const named = Object.entries(edges).toSorted(([, a], [, b]) => b - a)
  if (named.length === 0) throw new TypeError('bands() needs at least one name with a lower edge')
  for (const [i, [name, edge]] of named.entries()) {
    if (!Number.isFinite(edge)) throw new TypeError(`the lower edge of band '${name}' is ${edge}, not a finite number`)
    const [other, same] = named[i + 1] ?? []
    if (same === edge) throw new TypeError(`bands '${String(other)}' and '${name}' both begin at ${edge}`)
  }
  const { expression } = value.typed
  const branches = named.map(([name, edge]) => ({
    when: { kind: 'binary', operator: 'greaterOrEqual', left: expression, right: { kind: 'literal', value: edge } },
    // oxlint-disable-next-line unicorn/no-thenable -- the plan's word for a branch's value; never awaited
    then: { kind: 'literal', value: name },
  })) satisfies Extract<Expression, { kind: 'case' }>['branches']
  return textExpression({
    expression: { kind: 'case', branches, otherwise: { kind: 'literal', value: null } },
    type: 'text',
    nullable: true,
  })
}
