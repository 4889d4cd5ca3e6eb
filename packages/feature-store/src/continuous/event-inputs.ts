import { MartletError } from '@martlet/warehouse'
import { computedOf, isComputed, neededColumns } from '../vocabulary/sources/computed.ts'
import { sourceKeys, type ComputedColumn, type SourceColumn } from '../plan/source-plan.ts'
import { expressionColumns, someExpression, isNeighbour } from '../vocabulary/algebra/expression-columns.ts'
import { expressionValue, type PlacedColumn } from '../vocabulary/algebra/expression-value.ts'
import type { Value } from '../vocabulary/algebra/value.ts'
import type { StateLayout } from './layout.ts'

/** What a view needs of an event: its key columns, its place in time, and the inputs of its aggregates. */
export interface EventInputs {
  readonly keys: readonly Value[]
  /** µs; null where it never became known. */
  readonly since: bigint | null
  readonly sequence: Value
  readonly values: readonly Value[]
}

/**
 * Compiles what a view takes from an event, evaluated in process: what its SQL takes from a row of the fact. `columns` are
 * those that values come in, in order.
 *
 * @throws MartletError INVALID_DEFINITION when the view needs a column that does not come, or more than the event itself
 */
export function eventInputs(
  layout: StateLayout,
  columns: readonly Pick<SourceColumn, 'name' | 'type'>[],
): (values: readonly Value[], time: bigint) => EventInputs {
  const { view, fact, inputs } = layout
  const keyNames = sourceKeys(fact, view.entity)
  const computed = computedColumns(layout, keyNames)
  const places = new Map<string, PlacedColumn>(columns.map(({ name, type }, place) => [name, { place, type }]))
  for (const { name, type } of computed) if (!places.has(name)) places.set(name, { place: places.size, type })
  const column = (name: string): PlacedColumn => {
    const found = places.get(name)
    if (found === undefined) throw refused(view.name, `its events come without the column ${name}, which it needs`)
    return found
  }
  const steps = computed.map(({ name, type, expression }) => {
    if (someExpression(expression, (one) => isNeighbour(one) || one.kind === 'attribute'))
      throw refused(view.name, `${name} needs more than the event itself, which is all that is there when it is pushed`)
    return { place: column(name).place, type, evaluate: expressionValue(expression, column) }
  })
  const inputSteps = inputs.map(({ column: name, where }) => ({
    place: name === null ? undefined : column(name).place,
    passes: where === null ? undefined : expressionValue(where, column),
  }))
  const placeOf = (name: string | null): number | undefined => (name === null ? undefined : column(name).place)
  const [known, sequence] = [placeOf(fact.knownAt), placeOf(fact.sequence)]
  const keys = keyNames.map((name) => column(name).place)
  return (values, time) => {
    const row = values.map(finite)
    for (const { place, evaluate } of steps) row[place] = finite(evaluate(row))
    return {
      keys: keys.map((place) => row[place] ?? null),
      since: known === undefined ? time : micros(row[known]),
      sequence: sequence === undefined ? null : (row[sequence] ?? null),
      values: inputSteps.map(({ place, passes }) => {
        if (passes !== undefined && passes(row) !== true) return null
        return place === undefined ? 1n : (row[place] ?? null)
      }),
    }
  }
}

/** Every computed column that the view needs, each after those that it is computed from. */
function computedColumns({ fact, inputs }: StateLayout, keyNames: readonly string[]): readonly ComputedColumn[] {
  const own = computedOf(fact)
  const anonymous = inputs.flatMap((input) => input.computed ?? [])
  const all = [...new Map([...own, ...anonymous].map((column) => [column.name, column])).values()]
  const read = inputs.flatMap(({ column, where }) => [column, ...expressionColumns(where)])
  return neededColumns(all, [...keyNames, ...read, fact.knownAt, fact.sequence]).filter(isComputed)
}

function micros(value: Value | undefined): bigint | null {
  return typeof value === 'bigint' ? value : null
}

function finite(value: Value): Value {
  return typeof value === 'number' && !Number.isFinite(value) ? null : value
}

function refused(view: string, why: string): MartletError {
  return new MartletError('INVALID_DEFINITION', `${view} cannot be continuous: ${why}.`, { data: { view } })
}
