import { canonicalHash } from '../../plan/canonical-json.ts'
import type { ColumnType } from '@martlet/warehouse'
import type { AttributeExpression, TypedExpression } from '../../plan/expression.ts'
import type { AggregatePlan } from '../../plan/feature-plan.ts'
import {
  sourceKeys,
  type ComputedColumn,
  type EventDimension,
  type EventsPlan,
  type SourceColumn,
  type SourcePlan,
} from '../../plan/source-plan.ts'
import { expressionColumns } from '../algebra/expression-columns.ts'

/** What the names of columns begin with that are an expression of one aggregate. */
const ANONYMOUS = 'computed__'

/** The columns of events, those that are computed last; the end of an interval is not known before it has come. */
export function eventColumns({ columns, computed = [], end }: EventsPlan): readonly SourceColumn[] {
  return [...columns.filter(({ name }) => name !== end), ...computed]
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

/** A column that a dimension gives as of the event's time. */
export interface AttributeColumn extends ComputedColumn {
  readonly expression: AttributeExpression
}

export function isAttribute(column: ComputedColumn): column is AttributeColumn {
  return column.expression.kind === 'attribute'
}

/** The type of a column of events; of the row itself, a whole number. */
export function columnType(
  source: EventsPlan,
  { computed = [] }: Pick<AggregatePlan, 'computed'>,
  column: string | null,
): ColumnType {
  if (column === null) return 'integer'
  const found = [...eventColumns(source), ...computed].find((candidate) => candidate.name === column)
  if (found === undefined) throw new Error(`${source.table} has no column ${column}`)
  return found.type
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

/** A dimension of events, and the columns of it that are read. */
export interface DimensionUse extends EventDimension {
  readonly columns: readonly string[]
}

/** The dimensions that columns of a source come from. */
export function dimensionUses(source: SourcePlan, names: readonly string[]): readonly DimensionUse[] {
  const attributes = neededColumns(computedOf(source), names).filter(isAttribute)
  const dimensions = 'dimensions' in source ? ((source as EventsPlan).dimensions ?? []) : []
  return dimensions.flatMap(({ name, dimension }) => {
    const columns = attributes.flatMap(({ expression }) => (expression.of === name ? [expression.column] : []))
    return columns.length === 0 ? [] : [{ name, dimension, columns: [...new Set(columns)] }]
  })
}

/** The keys of an entity, or of all of them, that no table has. */
export function computedKeys(source: SourcePlan, entity?: string): readonly string[] {
  if (computedOf(source).length === 0 || !('entities' in source)) return []
  const entities = (source as EventsPlan).entities.filter(({ name }) => entity === undefined || name === entity)
  const keys = entities.flatMap((one) => sourceKeys(source, one))
  return keys.filter((name) => computedOf(source).some((column) => column.name === name))
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
