import type { ColumnFacts } from '../../verdict/result.ts'
import { brief } from '../../verdict/wording.ts'
import { markup, type Markup } from '../markup.ts'

export const PLOT_WIDTH = 320
export const PLOT_HEIGHT = 120

/** A path through whole points, as short as it can be written. */
export function polyline(points: readonly (readonly [number, number])[]): string {
  let path = ''
  let [x, y] = [0, 0]
  for (const [index, [nextX, nextY]] of points.entries()) {
    const last = index === points.length - 1
    if (index === 0) path = `M${nextX} ${nextY}`
    else if (nextY === y && !last && points[index + 1]?.[1] === y) continue
    else
      path += nextY === y ? `H${nextX}` : nextX === x ? `V${nextY}` : `l${nextX - x}${nextY < y ? '' : ' '}${nextY - y}`
    ;[x, y] = [nextX, nextY]
  }
  return path
}

/** A filled outline of steps, all coordinates whole. */
export function steps(shares: readonly number[], top: number, width: number, height: number): string {
  let path = `M0 ${height}`
  let before = height
  for (const share of shares) {
    const y = height - Math.round((share / top) * height)
    path += y === before ? `h${width}` : `V${y}h${width}`
    before = y
  }
  return `${path}V${height}`
}

/** The values under a plot: its ends and its middle. */
export function axis(facts: ColumnFacts, low: number, high: number, inset = 0): Markup {
  const y = PLOT_HEIGHT + 15
  return markup`
    <text x="${inset}" y="${y}">${valueWords(facts, low)}</text>
    <text x="${PLOT_WIDTH / 2}" y="${y}" class="m">${valueWords(facts, low / 2 + high / 2)}</text>
    <text x="${PLOT_WIDTH - inset}" y="${y}" class="r">${valueWords(facts, high)}</text>
  `
}

/** A value as in the data, from the origin on when the column has one. */
export function valueWords({ origin }: ColumnFacts, x: number): string {
  return origin === null ? brief(x) : `${origin} + ${brief(x)}`
}
