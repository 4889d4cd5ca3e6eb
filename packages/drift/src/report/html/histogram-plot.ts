import type { ColumnFacts, ColumnResult } from '../../verdict/result.ts'
import { percent } from '../../verdict/wording.ts'
import { markup, nothing, type Markup } from '../markup.ts'
import { barScale } from './bar-scale.ts'
import { barsOf, cellsPlace, type BarsSize } from './bars.ts'
import { histogram, type Both, type Histogram } from './histogram.ts'
import { axis, PLOT_HEIGHT, PLOT_WIDTH, valueWords } from './plot.ts'

const CELLS = 30
const SIZE: BarsSize = { width: PLOT_WIDTH, height: PLOT_HEIGHT, end: 12, gap: 6 }

/** A number column: current rows as bars, the reference as a line, on one axis. */
export function histogramPlot(facts: ColumnFacts, column: ColumnResult): Markup {
  const drawn = histogram(facts, column, CELLS)
  if (drawn === null) return nothing
  const { top, cut } = barScale(drawn)
  const { left, width } = cellsPlace(SIZE)
  const cutWords =
    cut === null ? [] : [`the cut bar is ${change([drawn.reference[cut] ?? 0, drawn.current[cut] ?? 0])}`]
  return markup`
    <figure>
      <figcaption>Shares of rows, reference and now</figcaption>
      <svg viewBox="0 -12 ${PLOT_WIDTH} ${PLOT_HEIGHT + 30}" aria-hidden="true">
        <text x="${left}" y="-2">${percent(top)}</text>
        <path class="ax" d="M0 ${PLOT_HEIGHT}h${PLOT_WIDTH}"/>
        ${barsOf(drawn, SIZE)}
        ${axis(facts, drawn.low, drawn.high, left, left + width)}
      </svg>
      <p class="ends">${[...outside(facts, drawn), ...cutWords].join(' · ')}</p>
    </figure>
  `
}

/** What is beside the cells, in words. */
function outside(facts: ColumnFacts, { low, high, below, above, missing }: Histogram): readonly string[] {
  const part = (both: Both, words: string): readonly string[] =>
    both[0] === 0 && both[1] === 0 ? [] : [`${words} ${change(both)}`]
  return [
    ...part(below, `left: below ${valueWords(facts, low)}`),
    ...part(above, `right: above ${valueWords(facts, high)}`),
    ...part(missing, 'grey: missing'),
  ]
}

function change([then, now]: Both): string {
  const words = [percent(then), percent(now)]
  return words[0] === words[1] ? (words[0] ?? '') : words.join(' → ')
}
