import type { ColumnFacts } from '../../verdict/result.ts'
import { markup, nothing, type Markup } from '../markup.ts'
import { histogram } from './histogram.ts'
import { steps } from './plot.ts'

const WIDTH = 120
const HEIGHT = 30
const CELLS = 24
const BARS = 10

/** Both histograms of a column over each other, small enough for a table cell. */
export function spark(facts: ColumnFacts, counts: readonly number[]): Markup {
  if (counts.length === 0 || facts.reference.length === 0) return nothing
  if (facts.kind === 'category') return bars(facts, counts)
  const drawn = histogram(facts, counts, CELLS)
  if (drawn === null) return nothing
  const top = Math.max(...drawn.reference, ...drawn.current)
  return markup`
    <svg width="${WIDTH}" height="${HEIGHT}">
      <path class="t" d="${steps(drawn.reference, top, WIDTH / CELLS, HEIGHT)}"/>
      <path class="c" d="${steps(drawn.current, top, WIDTH / CELLS, HEIGHT)}"/>
    </svg>
  `
}

function bars(facts: ColumnFacts, counts: readonly number[]): Markup {
  const [n, m] = [total(facts.reference), total(counts)]
  const shown = cellsToShow(facts, counts, BARS)
  const top = Math.max(...shown.flatMap((cell) => [(facts.reference[cell] ?? 0) / n, (counts[cell] ?? 0) / m]))
  const side = (values: readonly number[], all: number, offset: number): string =>
    shown
      .map((cell, index) => [index * 12 + offset, Math.round(((values[cell] ?? 0) / all / top) * HEIGHT)] as const)
      .map(([x, tall]) => `M${x} ${HEIGHT}v-${tall}h5v${tall}`)
      .join('')
  return markup`
    <svg width="${WIDTH}" height="${HEIGHT}">
      <path class="tb" d="${side(facts.reference, n, 0)}"/>
      <path class="cb" d="${side(counts, m, 5)}"/>
    </svg>
  `
}

/** The cells of a category column that hold most on either side, in their order. */
export function cellsToShow(facts: ColumnFacts, counts: readonly number[], most: number): readonly number[] {
  const [n, m] = [total(facts.reference), total(counts)]
  const share = (cell: number): number =>
    Math.max((facts.reference[cell] ?? 0) / n, m === 0 ? 0 : (counts[cell] ?? 0) / m)
  const cells = facts.reference.map((_, cell) => cell).filter((cell) => share(cell) > 0)
  return cells
    .toSorted((a, b) => share(b) - share(a))
    .slice(0, most)
    .toSorted((a, b) => a - b)
}

/** Rows, or 1 where they are divided by and there are none. */
function total(values: readonly number[]): number {
  return Math.max(
    1,
    values.reduce((sum, value) => sum + value, 0),
  )
}
