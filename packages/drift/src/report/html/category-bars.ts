import { rowsIn } from '../../compare/sides.ts'
import type { ColumnFacts, ColumnResult } from '../../verdict/result.ts'

/** A bar of a category column; shares are of all rows, those without a value included. */
export interface CategoryBar {
  readonly name: string
  readonly then: number
  readonly now: number
  /** How the bar is drawn: like the others, or as values that the reference does not have, or as missing ones. */
  readonly css: 'c' | 'un' | 'mi'
}

/** The names that cells of a column's facts end with. */
const UNSEEN = '(unseen)'

/** The cells with most rows on either side, in their order; what is left over, unseen values and missing ones come last. */
export function categoryBars(
  facts: ColumnFacts,
  { counts, nullRate }: Pick<ColumnResult, 'counts' | 'nullRate'>,
  most: number,
): readonly CategoryBar[] {
  const [n, m] = [Math.max(1, rowsIn(facts.reference)), Math.max(1, rowsIn(counts))]
  const missing = nullRate ?? 0
  const cells = facts.labels.map((name, cell): CategoryBar => ({
    name,
    then: ((facts.reference[cell] ?? 0) / n) * (1 - facts.nullRate),
    now: ((counts[cell] ?? 0) / m) * (1 - missing),
    css: name === UNSEEN && cell === facts.labels.length - 1 ? 'un' : 'c',
  }))
  const named = cells.slice(0, -2).filter(({ then, now }) => then > 0 || now > 0)
  const size = ({ then, now }: CategoryBar): number => Math.max(then, now)
  const kept = new Set(named.toSorted((a, b) => size(b) - size(a)).slice(0, most))
  const left = [...named.filter((cell) => !kept.has(cell)), ...cells.slice(-2, -1)]
  const other: CategoryBar = {
    name: '(other)',
    then: left.reduce((sum, { then }) => sum + then, 0),
    now: left.reduce((sum, { now }) => sum + now, 0),
    css: 'c',
  }
  const beside = [
    other,
    ...cells.slice(-1),
    { name: '(missing)', then: facts.nullRate, now: missing, css: 'mi' as const },
  ]
  return [...named.filter((cell) => kept.has(cell)), ...beside.filter(({ then, now }) => then > 0 || now > 0)]
}
