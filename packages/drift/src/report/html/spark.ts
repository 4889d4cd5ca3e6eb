import type { ColumnFacts, ColumnResult } from '../../verdict/result.ts'
import { markup, nothing, type Markup } from '../markup.ts'
import { barsOf, type BarsSize } from './bars.ts'
import { categoryBars } from './category-bars.ts'
import { histogram } from './histogram.ts'

const SIZE: BarsSize = { width: 129, height: 30, end: 5, gap: 2 }
const CELLS = 18
const BARS = 11

/** A column small enough for a table cell: current rows as bars, the reference as a line. Its figures are beside it. */
export function spark(facts: ColumnFacts, column: Pick<ColumnResult, 'counts' | 'nullRate'>): Markup {
  if (column.counts.length === 0 || facts.reference.length === 0) return nothing
  if (facts.kind === 'category') return bars(facts, column)
  const drawn = histogram(facts, column, CELLS)
  if (drawn === null) return nothing
  return drawing(markup`${barsOf(drawn, SIZE)}`)
}

function bars(facts: ColumnFacts, column: Pick<ColumnResult, 'counts' | 'nullRate'>): Markup {
  const cells = categoryBars(facts, column, BARS)
  const top = Math.max(...cells.flatMap(({ then, now }) => [then, now]))
  if (cells.length === 0 || top === 0) return nothing
  const step = Math.floor(SIZE.width / Math.max(4, cells.length))
  const y = (share: number): number => SIZE.height - Math.round((share / top) * SIZE.height)
  return drawing(
    markup`
      ${cells.map(
        ({ now, css }, index) =>
          markup`<path class="${css}" d="M${index * step} ${SIZE.height}V${y(now)}h${step - 2}V${SIZE.height}"/>`,
      )}
      <path class="t" d="${cells.map(({ then }, index) => `M${index * step} ${y(then)}h${step - 2}`).join('')}"/>
    `,
  )
}

function drawing(content: Markup): Markup {
  const { width, height } = SIZE
  return markup`<svg class="s" viewBox="0 0 ${width} ${height}" aria-hidden="true">${content}</svg>`
}
