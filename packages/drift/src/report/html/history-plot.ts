import type { Metric } from '../../compare/metric.ts'
import { metricWord, type DecidingResult } from '../../compare/metrics/lookup.ts'
import { floorsOf } from '../../verdict/policy.ts'
import type { ColumnResult, DriftResult } from '../../verdict/result.ts'
import { brief } from '../../verdict/wording.ts'
import { atLeast } from '../../verdict/severity.ts'
import { markup, nothing, type Markup } from '../markup.ts'
import { instant } from '../words.ts'
import { PLOT_HEIGHT, PLOT_WIDTH, polyline } from './plot.ts'

interface Point {
  readonly index: number
  readonly column: ColumnResult
  readonly metric: Metric
  readonly value: number
}

/** A column's leading metric in every window, with its floors and what chance alone shows. */
export function historyPlot(result: DriftResult, name: string, { metric: leading }: DecidingResult): Markup {
  const points = result.windows.flatMap((window, index): readonly Point[] => {
    const column = window.columns.find((candidate) => candidate.name === name)
    const metric = column?.metrics.find((candidate) => candidate.metric === leading)
    if (column === undefined || metric === undefined || metric.value === null) return []
    return [{ index, column, metric, value: metric.value }]
  })
  if (points.length < 2) return nothing
  const [width, height] = [PLOT_WIDTH, PLOT_HEIGHT]
  const floor = floorsOf(result.policy, name)[leading]
  const top = Math.max(floor.crit * 1.15, ...points.map(({ value }) => value))
  const x = (index: number): number => Math.round(4 + (index / (result.windows.length - 1)) * (width - 8))
  const y = (value: number): number => height - Math.round((Math.min(value, top) / top) * height)
  const values = polyline(points.map(({ value, index }) => [x(index), y(value)]))
  const noise = polyline(points.map(({ metric, index }) => [x(index), y(metric.noise ?? 0)]))
  // A line of no length with round ends is a dot.
  const dots = (severity: 'crit' | 'warn', css: string): Markup => {
    const alerts = points.filter(({ column }) => column.severity === severity)
    const path = alerts.map(({ value, index }) => `M${x(index)} ${y(value)}h0`).join('')
    return path === '' ? nothing : markup`<path class="${css}" d="${path}"/>`
  }
  const half = Math.min(12, (width - 8) / (result.windows.length - 1) / 2)
  const shaded = shades(
    points.map(({ index, column }) => [x(index), atLeast(column.severity, 'warn')]),
    half,
    width,
    height,
  )
  const [first, last] = [result.windows[0]?.from, result.windows.at(-1)?.to]
  return markup`
    <figure>
      <figcaption>${metricWord(leading)} over time</figcaption>
      <svg viewBox="0 -12 ${width} ${height + 30}" aria-hidden="true">
        <text y="-2">${brief(top)}</text>
        ${shaded === '' ? nothing : markup`<path class="shade" d="${shaded}"/>`}
        <path class="ax" d="M0 ${height}h${width}"/>
        <path class="fw" d="M0 ${y(floor.warn)}h${width}"/>
        <path class="fl" d="M0 ${y(floor.crit)}h${width}"/>
        <path class="nf" d="${noise}"/>
        <path class="cl" d="${values}"/>
        ${dots('crit', 'dk')}
        ${dots('warn', 'dw')}
        <text x="0" y="${height + 15}">${first == null ? '' : instant(first)}</text>
        <text x="${width}" y="${height + 15}" class="r">${last == null ? '' : instant(last)}</text>
      </svg>
    </figure>
  `
}

/** Boxes behind the windows that alerted; those that touch are one. */
function shades(
  windows: readonly (readonly [x: number, alerted: boolean])[],
  half: number,
  width: number,
  height: number,
): string {
  const boxes: [from: number, to: number][] = []
  for (const [x, alerted] of windows) {
    const [from, to] = [Math.max(0, Math.round(x - half)), Math.min(width, Math.round(x + half))]
    const before = boxes.at(-1)
    if (!alerted) continue
    if (before !== undefined && from <= before[1] + 1) before[1] = to
    else boxes.push([from, to])
  }
  return boxes.map(([from, to]) => `M${from} 0h${to - from}v${height}H${from}`).join('')
}

const TREND_WIDTH = 90
const TREND_HEIGHT = 24
/** A trend is cut at this many times the floor. */
const TREND_TOP = 4

/** The same in a table cell: excess over the floor, window by window. */
export function trend(result: DriftResult, name: string): Markup {
  if (result.windows.length < 2) return nothing
  const step = TREND_WIDTH / (result.windows.length - 1)
  const y = (excess: number): number =>
    TREND_HEIGHT - Math.round((Math.min(excess, TREND_TOP) / TREND_TOP) * TREND_HEIGHT)
  const points = result.windows.flatMap((window, index): (readonly [number, number])[] => {
    const excess = window.columns.find((column) => column.name === name)?.excess ?? null
    return excess === null ? [] : [[Math.round(index * step), y(excess)]]
  })
  if (points.length < 2) return nothing
  return markup`
    <svg width="${TREND_WIDTH}" height="${TREND_HEIGHT}" aria-hidden="true">
      <path class="fw" d="M0 ${y(1)}h${TREND_WIDTH}"/>
      <path class="cl" d="${polyline(points)}"/>
    </svg>
  `
}
