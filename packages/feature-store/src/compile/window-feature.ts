import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import type { FeaturePlan, AggregatePlan } from '../plan/feature-plan.ts'
import type { ComputedColumn, EventsPlan } from '../plan/source-plan.ts'
import type { Input } from '../vocabulary/algebra/input.ts'
import type { Rounding } from '../vocabulary/algebra/rounding.ts'
import type { TermSet } from '../vocabulary/algebra/terms.ts'
import type { FactsKind, WindowedAggregate } from '../vocabulary/features/feature-kind.ts'
import { featureKind } from '../vocabulary/features/list.ts'
import { expressionColumns, isNeighbour, someExpression } from '../vocabulary/algebra/expression-columns.ts'
import { columnType, isAttribute, neededColumns } from '../vocabulary/sources/computed.ts'
import { withoutNeighbours } from '../vocabulary/sources/neighbours.ts'

/** A feature that is computed from events, with its parts. */
export interface WindowFeature {
  readonly name: string
  readonly parts: readonly WindowedAggregate[]
  readonly combine: (leaves: Leaves, values: readonly Sql[]) => Sql
  /** The value where no event counts. */
  readonly empty: 0 | false | null
}

/** The features among `plans` that are computed from events, in order. */
export function windowFeatures(plans: readonly FeaturePlan[]): readonly WindowFeature[] {
  return plans.flatMap((plan) => {
    const kind = featureKind(plan)
    return kind.stage === 'facts' ? [windowFeature(kind, plan)] : []
  })
}

export function windowFeature<P extends FeaturePlan>(kind: FactsKind<P>, plan: P): WindowFeature {
  return {
    name: plan.name,
    parts: kind.parts(plan),
    combine: (leaves, values) => kind.combine(leaves, values, plan),
    empty: kind.empty?.(plan) ?? null,
  }
}

/**
 * A feature's value from rows that may not be there, `row` being a column of theirs that is never null. A value that does
 * not fit its type stays null.
 */
export function orEmpty({ empty }: WindowFeature, value: Sql, row: Sql): Sql {
  if (empty === null) return value
  return sql`CASE WHEN ${row} IS NULL THEN ${empty === 0 ? sql`0` : sql`FALSE`} ELSE ${value} END`
}

/** The events column that an aggregate is of. */
export function inputOf(terms: TermSet, events: EventsPlan, plan: AggregatePlan): Input {
  const { column, where, type, computed } = namedInput('', events, plan)
  return terms.input(column, where, type, computed)
}

/** As {@link inputOf}, under a name that is given. */
export function namedInput(id: string, events: EventsPlan, plan: AggregatePlan): Input {
  const { second: _, ...of } = plan
  const { column } = plan
  const needed = neededBy(events, of)
  const { where, computed } = withoutNeighbours(plan.where, needed, (name) => columnType(events, plan, name))
  const input = { id, column, where, type: columnType(events, plan, column) }
  return computed.length === 0 ? input : { ...input, computed }
}

/** Whether an aggregate needs the events before each of its own. */
export function readsNeighbours(events: EventsPlan, plan: AggregatePlan): boolean {
  const own = plan.where === null ? [] : [plan.where]
  return [...own, ...neededBy(events, plan).map(({ expression }) => expression)].some((expression) =>
    someExpression(expression, isNeighbour),
  )
}

/** Whether an aggregate is made of columns of dimensions. */
export function readsDimensions(events: EventsPlan, plan: AggregatePlan): boolean {
  return neededBy(events, plan).some(isAttribute)
}

/** The computed columns that an aggregate is made of. */
function neededBy(
  events: EventsPlan,
  { column, second, where, computed = [] }: AggregatePlan,
): readonly ComputedColumn[] {
  return neededColumns([...(events.computed ?? []), ...computed], [column, second, ...expressionColumns(where)])
}

/** The readings of a meter, whatever an aggregate counts. */
export function meterInput(id: string, events: EventsPlan, meter: string): Input {
  return namedInput(id, events, { function: 'last', column: meter, where: null })
}

/** The events that pass the condition of an aggregate. */
export function passing(id: string, events: EventsPlan, plan: AggregatePlan): Input {
  return namedInput(id, events, { ...plan, column: null })
}

/** The events columns that an aggregate is of; the second is the first again unless it is of two. */
export function inputsOf(terms: TermSet, events: EventsPlan, plan: AggregatePlan): readonly [x: Input, y: Input] {
  const x = inputOf(terms, events, plan)
  return [x, plan.second === undefined ? x : inputOf(terms, events, { ...plan, column: plan.second })]
}

/** How an aggregate of a column is computed again where rounding may have spoiled it; undefined where there is none. */
export function roundingOf(
  source: EventsPlan,
  { kind: { rounding }, plan }: Pick<WindowedAggregate, 'kind' | 'plan'>,
): Rounding | undefined {
  return rounding?.applies(columnType(source, plan, plan.column)) === true ? rounding : undefined
}

/** Whether rounding may spoil a feature, so that rows of it say whether it did. */
export function isRounded(source: EventsPlan, { parts }: WindowFeature): boolean {
  return parts.some((part) => roundingOf(source, part) !== undefined)
}
