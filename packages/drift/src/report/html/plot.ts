import type { ColumnFacts } from '../../verdict/result.ts'
import { brief } from '../../verdict/wording.ts'
import { markup, nothing, type Markup } from '../markup.ts'

export const PLOT_WIDTH = 320
export const PLOT_HEIGHT = 120
/** Characters at both ends of an axis beside which a third value has room. */
const MIDDLE_FITS = 28

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

/** A line of steps over cells of equal width, given the height of each, from and to the ground. */
export function steps(tops: readonly number[], left: number, step: number, ground: number): string {
  let drawn = ''
  let [x, y] = [left, ground]
  const to = (cell: number): number => Math.round(left + cell * step)
  for (const [cell, top] of tops.entries()) {
    if (top === y) continue
    const next = to(cell)
    drawn += drawn === '' ? `M${next} ${y}V${top}` : `h${next - x}V${top}`
    ;[x, y] = [next, top]
  }
  return drawn === '' ? `M${left} ${ground}h0` : `${drawn}h${to(tops.length) - x}V${ground}`
}

/** The values under a plot: its ends and its middle. */
export function axis(facts: ColumnFacts, low: number, high: number, left = 0, right: number = PLOT_WIDTH): Markup {
  const y = PLOT_HEIGHT + 15
  const [from, to] = [valueWords(facts, low), valueWords(facts, high)]
  const middle = valueWords(facts, low / 2 + high / 2)
  const fits = from.length + to.length < MIDDLE_FITS && middle !== from && middle !== to
  return markup`
    <text x="${left}" y="${y}">${from}</text>
    ${fits ? markup`<text x="${(left + right) / 2}" y="${y}" class="m">${middle}</text>` : nothing}
    <text x="${right}" y="${y}" class="r">${to}</text>
  `
}

/** A value as in the data, from the origin on when the column has one. */
export function valueWords({ origin }: ColumnFacts, x: number): string {
  // An edge just below zero is the smallest number there is.
  const words = brief(Math.abs(x) < 1e-300 ? 0 : x)
  return origin === null ? words : `${origin} + ${words}`
}
