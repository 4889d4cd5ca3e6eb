import type { SourceColumn } from '../../plan/source-plan.ts'
import { typeText } from '@martlet/warehouse'
import { isNumber } from '../../plan/column-family.ts'

/** Refuses columns that are not numbers, saying what cannot be had of them. */
export function numbersOnly(cannot: string): (columns: readonly SourceColumn[]) => string | undefined {
  return (columns) => {
    const column = columns.find(({ type }) => !isNumber(type))
    if (column === undefined) return undefined
    return `column '${column.name}' of this fact is not a number but ${typeText(column.type)}, so ${cannot}`
  }
}

/** Refuses booleans, which have no order. */
export function orderedOnly(cannot: string): (columns: readonly SourceColumn[]) => string | undefined {
  return (columns) => {
    const column = columns.find(({ type }) => type === 'boolean')
    return column === undefined ? undefined : `column '${column.name}' of this fact is a boolean, so ${cannot}`
  }
}
