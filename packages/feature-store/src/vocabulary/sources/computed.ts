import { canonicalHash } from '../../plan/canonical-json.ts'
import type { TypedExpression } from '../../plan/expression.ts'
import type { ComputedColumn, EventsPlan, SourceColumn, SourcePlan } from '../../plan/source-plan.ts'
import { expressionColumns } from '../algebra/expression-columns.ts'

/** What the names of columns begin with that are an expression of one aggregate. */
const ANONYMOUS = 'computed__'

/** The columns of events, those that are computed last. */
export function eventColumns({ columns, computed = [] }: EventsPlan): readonly SourceColumn[] {
  return [...columns, ...computed]
}

/** The columns of a source that are computed from others. */
export function computedOf(source: SourcePlan): readonly ComputedColumn[] {
  return 'computed' in source ? ((source as EventsPlan).computed ?? []) : []
}

/** An expression as a column without a name of its own: equal expressions are one column. */
export function anonymousColumn({ expression, type, nullable }: TypedExpression): ComputedColumn {
  const name = `${ANONYMOUS}${canonicalHash([expression, type]).slice(0, 16)}`
  return { name, type, nullable, checks: [], expression }
}

export function isAnonymous({ name }: Pick<SourceColumn, 'name'>): boolean {
  return name.startsWith(ANONYMOUS)
}

export function isComputed(column: SourceColumn): column is ComputedColumn {
  return 'expression' in column
}

/** Of the computed columns those that `names` need, each after the ones it is computed from. */
export function neededColumns(
  computed: readonly ComputedColumn[],
  names: readonly (string | null | undefined)[],
): readonly ComputedColumn[] {
  const needed = new Set<ComputedColumn>()
  const need = (name: string | null | undefined): void => {
    const column = computed.find((one) => one.name === name)
    if (column === undefined || needed.has(column)) return
    for (const other of expressionColumns(column.expression)) need(other)
    needed.add(column)
  }
  for (const name of names) need(name)
  return [...needed]
}

/** The columns of its table that columns of a source come from. */
export function tableColumns(source: SourcePlan, names: readonly string[]): readonly string[] {
  return withoutComputed(computedOf(source), names)
}

/** The names of columns, and instead of those that are among `computed` the ones that these are computed from. */
export function withoutComputed(computed: readonly ComputedColumn[], names: readonly string[]): readonly string[] {
  const needed = neededColumns(computed, names)
  const read = [...names, ...needed.flatMap(({ expression }) => expressionColumns(expression))]
  return [...new Set(read)].filter((name) => !needed.some((column) => column.name === name))
}
