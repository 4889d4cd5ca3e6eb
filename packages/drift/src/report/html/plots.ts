import type { ColumnFacts } from '../../verdict/result.ts'
import { brief, percent } from '../../verdict/wording.ts'
import { histogram } from './histogram.ts'
import { markup, nothing } from './markup.ts'
import type { Markup } from './markup.ts'
import { cellsToShow, steps } from './spark.ts'

const width = 320
const height = 120

/** Both histograms of a number column on one axis. */
export function histogramPlot(facts: ColumnFacts, counts: readonly number[]): Markup {
  const drawn = histogram(facts, counts, 32)
  if (drawn === null) return nothing
  const top = Math.max(...drawn.reference, ...drawn.current)
  return markup`<figure><figcaption>Shares of rows</figcaption><svg viewBox="0 -12 ${width} ${height + 30}"><text y="-2">${percent(top)}</text><path class="ax" d="M0 ${height}h${width}"/><path class="t" d="${steps(drawn.reference, top, 10, height)}"/><path class="c" d="${steps(drawn.current, top, 10, height)}"/>${axis(facts, drawn.low, drawn.high, 10)}</svg></figure>`
}

/** Both cumulative shares, and the largest gap between them. */
export function cumulativePlot(facts: ColumnFacts, counts: readonly number[]): Markup {
  const drawn = histogram(facts, counts, 4)
  if (drawn === null) return nothing
  const { low, high } = drawn
  const [n, m] = [sum(facts.reference), sum(counts)]
  let [i, j] = [0, 0]
  const points = facts.edges.map((edge, bin) => {
    i += facts.reference[bin] ?? 0
    j += counts[bin] ?? 0
    return { edge, then: i / n, now: j / m }
  })
  const gap = points.reduce((widest, point) =>
    Math.abs(point.then - point.now) > Math.abs(widest.then - widest.now) ? point : widest,
  )
  const x = (value: number): number => Math.round(Math.min(1, Math.max(0, (value - low) / (high - low))) * width)
  const y = (share: number): number => height - Math.round(share * height)
  const every = Math.ceil(points.length / 26)
  const kept = points.filter((point, index) => index % every === 0 || index === points.length - 1 || point === gap)
  const line = (side: 'then' | 'now'): string => polyline(kept.map((point) => [x(point.edge), y(point[side])]))
  const label = `gap ${brief(Math.abs(gap.then - gap.now))} at ${value(facts, gap.edge)}`
  const right = x(gap.edge) > width / 2
  return markup`<figure><figcaption>Cumulative shares, ${label}</figcaption><svg viewBox="0 -12 ${width} ${height + 30}"><path class="ax" d="M0 ${height}h${width}M0 0h${width}"/><text y="-2">100 %</text><path class="tl" d="${line('then')}"/><path class="cl" d="${line('now')}"/><path class="gap" d="M${x(gap.edge)} ${y(gap.then)}V${y(gap.now)}"/><text x="${x(gap.edge) + (right ? -6 : 6)}" y="${Math.round((y(gap.then) + y(gap.now)) / 2) + 4}" class="${right ? 'r' : ''}">KS</text>${axis(facts, low, high)}</svg></figure>`
}

/** The shares of a category column's largest cells, side by side. */
export function categoryPlot(facts: ColumnFacts, counts: readonly number[]): Markup {
  const [n, m] = [sum(facts.reference), sum(counts)]
  const shown = cellsToShow(facts, counts, 10)
  if (shown.length === 0 || n === 0 || m === 0) return nothing
  const share = (values: readonly number[], cell: number, total: number): number => (values[cell] ?? 0) / total
  const top = Math.max(...shown.flatMap((cell) => [share(facts.reference, cell, n), share(counts, cell, m)]))
  const rows = shown.map((cell, index) => {
    const [then, now] = [share(facts.reference, cell, n), share(counts, cell, m)]
    const name = facts.labels[cell] ?? ''
    const short = name === '' ? '(empty text)' : [...name].length > 20 ? `${[...name].slice(0, 19).join('')}…` : name
    const y = index * 24
    return markup`<text x="118" y="${y + 13}" class="r">${short}</text><path class="tb" d="M124 ${y + 2}h${Math.round((then / top) * 210)}v7h-${Math.round((then / top) * 210)}"/><path class="cb" d="M124 ${y + 10}h${Math.round((now / top) * 210)}v7h-${Math.round((now / top) * 210)}"/><text x="${130 + Math.round((Math.max(then, now) / top) * 210)}" y="${y + 13}">${percent(then)} → ${percent(now)}</text>`
  })
  return markup`<figure><figcaption>Shares of rows${facts.reference.length > shown.length ? ', largest cells' : ''}</figcaption><svg viewBox="0 0 460 ${shown.length * 24}">${rows}</svg></figure>`
}

/** A path through whole points, as short as it can be said. */
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

function axis(facts: ColumnFacts, low: number, high: number, inset = 0): Markup {
  return markup`<text x="${inset}" y="${height + 15}">${value(facts, low)}</text><text x="${width / 2}" y="${height + 15}" class="m">${value(facts, low / 2 + high / 2)}</text><text x="${width - inset}" y="${height + 15}" class="r">${value(facts, high)}</text>`
}

/** A value as in the data, from the origin on when the column has one. */
function value(facts: ColumnFacts, x: number): string {
  return facts.origin === null ? brief(x) : `${facts.origin} + ${brief(x)}`
}

function sum(values: readonly number[]): number {
  return values.reduce((all, count) => all + count, 0)
}
