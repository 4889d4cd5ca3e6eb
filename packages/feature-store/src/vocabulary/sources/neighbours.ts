import type { ColumnType } from '@martlet/warehouse'
import type { Expression, NeighbourExpression } from '../../plan/expression.ts'
import type { ComputedColumn } from '../../plan/source-plan.ts'
import { isNeighbour, withNeighbours } from '../algebra/expression-columns.ts'
import { expressionType } from '../algebra/expression-type.ts'
import { anonymousColumn } from './computed.ts'

/** A condition and computed columns in which everything about the event before is a column of its own. */
export function withoutNeighbours(
  where: Expression | null,
  computed: readonly ComputedColumn[],
  typeOf: (column: string) => ColumnType,
): { readonly where: Expression | null; readonly computed: readonly ComputedColumn[] } {
  const found = new Map<string, ComputedColumn>()
  const column = (expression: NeighbourExpression): Expression => {
    const type = expressionType(expression, typeOf) ?? 'double'
    const own = anonymousColumn({ expression, type, nullable: true })
    found.set(own.name, own)
    return { kind: 'column', name: own.name }
  }
  const others = computed.map((one) =>
    isNeighbour(one.expression) ? one : { ...one, expression: withNeighbours(one.expression, column) },
  )
  const condition = where === null ? null : withNeighbours(where, column)
  const named = new Set(others.map(({ name }) => name))
  return { where: condition, computed: [...[...found.values()].filter(({ name }) => !named.has(name)), ...others] }
}
