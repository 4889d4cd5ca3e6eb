import type { EventsPlan, SourceColumn } from '../../plan/source-plan.ts'
import { sourceKeys } from '../../plan/source-plan.ts'
import { numbersOnly } from '../../vocabulary/aggregates/column-families.ts'
import type { AnyColumn, NumberColumn, Numeric, Present } from '../../vocabulary/aggregates/typed-columns.ts'
import { arithmeticType } from '../../vocabulary/algebra/expression-type.ts'
import { eventColumns } from '../../vocabulary/sources/computed.ts'
import { expressionOf, type ExpressionFor } from './expression-row.ts'
import type { NumberExpression } from './number-expression.ts'
import type { Valued } from './operand.ts'

const cannot = 'it has no increase'

/** What an event has of the one before it of its entity, whatever lies between them. */
export interface Neighbours<R> {
  /** A column of the event before; null for the first. */
  previous<C extends AnyColumn<R>>(column: Present<R, C>): ExpressionFor<PreviousValue<R, C>>
  /** Days, with fractions, since the event before; null for the first. */
  sincePrevious(): NumberExpression<null>
  /**
   * How much a counter has grown since the last event that has a reading. A lower reading begins anew and counts as
   * itself; null for the first reading, and where there is none.
   */
  increase<C extends NumberColumn<R>>(column: Numeric<R, C, typeof cannot>): NumberExpression<null>
}

type PreviousValue<R, C extends string> = (C extends keyof R ? R[C] : never) | null

/** The methods of an event that are about the one before it. */
export function neighbours(events: EventsPlan): ReadonlyMap<string, unknown> {
  const named = (name: unknown): SourceColumn => {
    const columns = eventColumns(events)
    const found = columns.find((column) => column.name === name)
    if (found !== undefined) return found
    throw new TypeError(`there is no column '${String(name)}'; there are: ${columns.map((one) => one.name).join(', ')}`)
  }
  const ties = (word: string): readonly string[] => {
    if (events.knownAt === null) return tieColumns(events)
    const why = `which events are known depends on T where the fact has knownAt ('${events.knownAt}')`
    throw new TypeError(`${word} needs the event before, and ${why}; use a fact of the same table without it`)
  }
  return new Map<string, unknown>([
    [
      'previous',
      (name: unknown): Valued<unknown> => {
        const { name: column, type } = named(name)
        const expression = { kind: 'previous', column, ties: ties(`previous('${column}')`) } as const
        return expressionOf({ expression, type, nullable: true })
      },
    ],
    [
      'sincePrevious',
      (): Valued<unknown> => {
        const expression = { kind: 'sincePrevious', ties: ties('sincePrevious()') } as const
        return expressionOf({ expression, type: 'double', nullable: true })
      },
    ],
    [
      'increase',
      (name: unknown): Valued<unknown> => {
        const found = named(name)
        const refused = numbersOnly(cannot)([found])
        if (refused !== undefined) throw new TypeError(refused)
        const { name: column, type } = found
        const expression = { kind: 'increase', column, ties: ties(`increase('${column}')`) } as const
        return expressionOf({ expression, type: arithmeticType([type]), nullable: true })
      },
    ],
  ])
}

/**
 * The table's columns by name, without those that are equal for events of one entity and instant: with all of them the
 * order of such events is the same in every query.
 */
function tieColumns(events: EventsPlan): readonly string[] {
  const keys = events.entities.map((entity) => sourceKeys(events, entity))
  const known = [events.eventTime, events.end, events.sequence, ...(keys.length === 1 ? keys.flat() : [])]
  return events.columns
    .map(({ name }) => name)
    .filter((name) => !known.includes(name))
    .toSorted()
}
