import { markup, nothing, type Markup } from '../markup.ts'
import { barScale, type BarScale } from './bar-scale.ts'
import type { Histogram } from './histogram.ts'
import { steps } from './plot.ts'

/** The size of a drawing, and of the bars beside the cells: rows below, above, and without a value. */
export interface BarsSize {
  readonly width: number
  readonly height: number
  readonly end: number
  readonly gap: number
}

/** Where the cells of a drawing are. */
export interface CellsPlace {
  readonly left: number
  readonly width: number
}

export function cellsPlace({ width, end, gap }: BarsSize): CellsPlace {
  const left = end + gap
  return { left, width: width - left - 2 * (end + gap) }
}

/** Current rows as bars, the reference as a line on the same cells; rows outside and missing ones as bars of their own. */
export function barsOf(drawn: Histogram, size: BarsSize): Markup {
  const { height, end, gap } = size
  const scale = barScale(drawn)
  const { left, width } = cellsPlace(size)
  const step = width / drawn.current.length
  const y = (share: number): number => height - Math.round(Math.min(1, share / scale.top) * height)
  const right = left + width + gap
  const sides = [
    { at: 0, css: 'o', both: drawn.below },
    { at: right, css: 'o', both: drawn.above },
    { at: right + end + gap, css: 'mi', both: drawn.missing },
  ].filter(({ both: [then, now] }) => then > 0 || now > 0)
  const beside = (wanted: string): Markup => {
    const paths = sides.map(({ at, css, both }) =>
      css === wanted && y(both[1]) < height ? `M${at} ${height}V${y(both[1])}h${end}V${height}` : '',
    )
    return path(wanted, paths.join(''))
  }
  const marks = sides.map(({ at, both }) => `M${at} ${y(both[0])}h${end}`).join('')
  const tops = drawn.current.map(y)
  return markup`
    ${path('c', step >= SEPARATE ? separate(tops, left, step, height) : outline(tops, left, step, height))}
    ${beside('o')}
    ${beside('mi')}
    ${path('t', `${steps(drawn.reference.map(y), left, step, height)}${marks}`)}
    ${notch(scale, left, step)}
  `
}

function path(css: string, drawing: string): Markup {
  return drawing === '' ? nothing : markup`<path class="${css}" d="${drawing}"/>`
}

/** Cells from this width on are drawn as bars with a space between them. */
const SEPARATE = 8

function separate(tops: readonly number[], left: number, step: number, height: number): string {
  return tops
    .map((top, cell) => {
      const from = Math.round(left + cell * step)
      const wide = Math.round(left + (cell + 1) * step) - from - 1
      return top === height ? '' : `M${from} ${height}V${top}h${wide}V${height}`
    })
    .join('')
}

/** The outline of bars without spaces. */
function outline(tops: readonly number[], left: number, step: number, height: number): string {
  const line = steps(tops, left, step, height)
  return line.includes('h0') ? '' : line
}

/** Two strokes through a bar that is higher than the drawing. */
function notch({ cut }: BarScale, left: number, step: number): Markup {
  if (cut === null) return nothing
  const x = Math.round(left + cut * step - 2)
  const wide = Math.round(step + 4)
  return path('cut', `M${x} 9l${wide}-4m0 4l-${wide} 4`)
}
