import type { SourceColumn } from '../../plan/source-plan.ts'
import { typeText } from '@martlet/warehouse'
import { isNumber } from '../../plan/column-family.ts'
import { expressionText } from '../algebra/expression-words.ts'
import { isAnonymous, isComputed } from '../sources/computed.ts'

/** Refuses columns that are not numbers, saying what cannot be had of them. */
export function numbersOnly(cannot: string): (columns: readonly SourceColumn[]) => string | undefined {
  return (columns) => {
    const column = columns.find(({ type }) => !isNumber(type))
    if (column === undefined) return undefined
    return `${named(column)} is not a number but ${typeText(column.type)}, so ${cannot}`
  }
}

/** Refuses booleans, which have no order. */
export function orderedOnly(cannot: string): (columns: readonly SourceColumn[]) => string | undefined {
  return (columns) => {
    const column = columns.find(({ type }) => type === 'boolean')
    return column === undefined ? undefined : `${named(column)} is a boolean, so ${cannot}`
  }
}

function named(column: SourceColumn): string {
  return isComputed(column) && isAnonymous(column)
    ? `the value ${expressionText(column.expression)}`
    : `column '${column.name}' of this fact`
}
