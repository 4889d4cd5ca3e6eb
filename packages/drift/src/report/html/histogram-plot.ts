import type { ColumnFacts } from '../../verdict/result.ts'
import { percent } from '../../verdict/wording.ts'
import { markup, nothing, type Markup } from '../markup.ts'
import { histogram } from './histogram.ts'
import { axis, PLOT_HEIGHT, PLOT_WIDTH, steps } from './plot.ts'

const CELLS = 32
const CELL_WIDTH = PLOT_WIDTH / CELLS

/** Both histograms of a number column on one axis. */
export function histogramPlot(facts: ColumnFacts, counts: readonly number[]): Markup {
  const drawn = histogram(facts, counts, CELLS)
  if (drawn === null) return nothing
  const top = Math.max(...drawn.reference, ...drawn.current)
  return markup`
    <figure>
      <figcaption>Shares of rows</figcaption>
      <svg viewBox="0 -12 ${PLOT_WIDTH} ${PLOT_HEIGHT + 30}">
        <text y="-2">${percent(top)}</text>
        <path class="ax" d="M0 ${PLOT_HEIGHT}h${PLOT_WIDTH}"/>
        <path class="t" d="${steps(drawn.reference, top, CELL_WIDTH, PLOT_HEIGHT)}"/>
        <path class="c" d="${steps(drawn.current, top, CELL_WIDTH, PLOT_HEIGHT)}"/>
        ${axis(facts, drawn.low, drawn.high, CELL_WIDTH)}
      </svg>
    </figure>
  `
}
