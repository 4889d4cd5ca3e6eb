import type { ColumnFacts } from '../../verdict/result.ts'
import { histogram } from './histogram.ts'
import { markup, nothing } from './markup.ts'
import type { Markup } from './markup.ts'

const height = 30

/** Both histograms of a column over each other, small enough for a table cell. */
export function spark(facts: ColumnFacts, counts: readonly number[]): Markup {
  if (counts.length === 0 || facts.reference.length === 0) return nothing
  if (facts.kind === 'category') return bars(facts, counts)
  const cells = 24
  const drawn = histogram(facts, counts, cells)
  if (drawn === null) return nothing
  const top = Math.max(...drawn.reference, ...drawn.current)
  return markup`<svg width="120" height="${height}"><path class="t" d="${steps(drawn.reference, top, 5)}"/><path class="c" d="${steps(drawn.current, top, 5)}"/></svg>`
}

/** A filled outline of steps, all coordinates whole. */
export function steps(shares: readonly number[], top: number, width: number, tall: number = height): string {
  let path = `M0 ${tall}`
  let before = tall
  for (const share of shares) {
    const y = tall - Math.round((share / top) * tall)
    path += y === before ? `h${width}` : `V${y}h${width}`
    before = y
  }
  return `${path}V${tall}`
}

function bars(facts: ColumnFacts, counts: readonly number[]): Markup {
  const [n, m] = [total(facts.reference), total(counts)]
  const shown = cellsToShow(facts, counts, 10)
  const top = Math.max(...shown.flatMap((cell) => [(facts.reference[cell] ?? 0) / n, (counts[cell] ?? 0) / m]))
  const side = (values: readonly number[], all: number, offset: number): string =>
    shown
      .map((cell, index) => [index * 12 + offset, Math.round(((values[cell] ?? 0) / all / top) * height)] as const)
      .map(([x, tall]) => `M${x} ${height}v-${tall}h5v${tall}`)
      .join('')
  return markup`<svg width="120" height="${height}"><path class="tb" d="${side(facts.reference, n, 0)}"/><path class="cb" d="${side(counts, m, 5)}"/></svg>`
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

function total(values: readonly number[]): number {
  return Math.max(
    1,
    values.reduce((sum, value) => sum + value, 0),
  )
}
