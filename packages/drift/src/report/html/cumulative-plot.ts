import { ks } from '../../compare/metrics/ks.ts'
import { rowsIn } from '../../compare/sides.ts'
import type { ColumnFacts, ColumnResult } from '../../verdict/result.ts'
import { brief } from '../../verdict/wording.ts'
import { markup, nothing, type Markup } from '../markup.ts'
import { drawnRange, type DrawnRange } from './drawn-range.ts'
import { axis, PLOT_HEIGHT, PLOT_WIDTH, polyline, valueWords } from './plot.ts'

/** Edges drawn at most; more would not be seen. */
const DRAWN_EDGES = 26

/** Both cumulative shares up to an edge. */
interface Step {
  readonly edge: number
  readonly then: number
  readonly now: number
}

/** Both cumulative shares, and the largest gap between them, which Kolmogorov-Smirnov measures. */
export function cumulativePlot(facts: ColumnFacts, { counts }: Pick<ColumnResult, 'counts'>): Markup {
  const drawn = drawnRange(facts, counts)
  if (drawn === null) return nothing
  const all = cumulated(facts, counts)
  const gap = all.reduce((widest, step) => (size(step) > size(widest) ? step : widest))
  const every = Math.ceil(all.length / DRAWN_EDGES)
  const kept = all.filter((step, index) => index % every === 0 || index === all.length - 1 || step === gap)
  const line = (side: 'then' | 'now'): string => polyline(kept.map((step) => [x(drawn, step.edge), y(step[side])]))
  return markup`
    <figure>
      <figcaption>Cumulative shares, gap ${brief(size(gap))} at ${valueWords(facts, gap.edge)}</figcaption>
      <svg viewBox="0 -12 ${PLOT_WIDTH} ${PLOT_HEIGHT + 30}" aria-hidden="true">
        <path class="ax" d="M0 ${PLOT_HEIGHT}h${PLOT_WIDTH}M0 0h${PLOT_WIDTH}"/>
        <text y="-2">100 %</text>
        <path class="tl" d="${line('then')}"/>
        <path class="cl" d="${line('now')}"/>
        ${gapMark(x(drawn, gap.edge), y(gap.then), y(gap.now))}
        ${axis(facts, drawn.low, drawn.high)}
      </svg>
    </figure>
  `
}

function gapMark(x: number, then: number, now: number): Markup {
  const right = x > PLOT_WIDTH / 2
  const middle = Math.round((then + now) / 2) + 4
  return markup`
    <path class="gap" d="M${x} ${then}V${now}"/>
    <text x="${x + (right ? -6 : 6)}" y="${middle}" class="${right ? 'r' : ''}">${ks.word}</text>
  `
}

function cumulated(facts: ColumnFacts, counts: readonly number[]): readonly Step[] {
  const [n, m] = [rowsIn(facts.reference), rowsIn(counts)]
  let [i, j] = [0, 0]
  return facts.edges.map((edge, bin) => {
    i += facts.reference[bin] ?? 0
    j += counts[bin] ?? 0
    return { edge, then: i / n, now: j / m }
  })
}

function size({ then, now }: Step): number {
  return Math.abs(then - now)
}

function x({ low, high }: DrawnRange, value: number): number {
  return Math.round(Math.min(1, Math.max(0, (value - low) / (high - low))) * PLOT_WIDTH)
}

function y(share: number): number {
  return PLOT_HEIGHT - Math.round(share * PLOT_HEIGHT)
}
