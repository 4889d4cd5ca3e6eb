import type { Metric } from '../../compare/metric.ts'
import type { DecidingMetric } from '../../verdict/policy.ts'
import type { ColumnResult, DriftResult, WindowResult } from '../../verdict/result.ts'
import { brief, metricWord } from '../../verdict/wording.ts'
import { markup, nothing } from './markup.ts'
import type { Markup } from './markup.ts'
import { polyline } from './plots.ts'
import { instant, span, statusWord } from './words.ts'

/** The metric that speaks for a column: the deciding one that is furthest over its floor. */
export function leadingMetric(
  column: ColumnResult,
  result: DriftResult,
): (Metric & { readonly metric: DecidingMetric }) | null {
  let leading: (Metric & { readonly metric: DecidingMetric }) | null = null
  for (const metric of column.metrics) {
    if (!decides(metric, column)) continue
    const size = (metric.effect ?? -1) / result.policy.floors[metric.metric].warn
    if (leading === null || size > (leading.effect ?? -1) / result.policy.floors[leading.metric].warn) leading = metric
  }
  return leading
}

function decides(metric: Metric, column: ColumnResult): metric is Metric & { readonly metric: DecidingMetric } {
  const isNumber = column.metrics.some(({ metric: name }) => name === 'ks')
  return isNumber
    ? metric.metric === 'psi' || metric.metric === 'wassersteinRobust' || metric.metric === 'ks'
    : metric.metric === 'jsDistance'
}

/** One window a column: how many columns alerted, and whether the data was broken. */
export function windowStrip(windows: readonly WindowResult[]): Markup {
  if (windows.length < 2) return nothing
  const [width, height] = [1000, 72]
  const step = width / windows.length
  const columns = Math.max(1, ...windows.map((window) => window.columns.length))
  const alerts = windows.map((window) => ({
    crit: count(window, 'crit'),
    warn: count(window, 'warn'),
    broken: window.findings.some(({ severity }) => severity === 'crit' || severity === 'warn'),
  }))
  const top = Math.min(columns, Math.max(4, ...alerts.map(({ crit, warn }) => crit + warn)))
  const marks = windows.map((window, index) => {
    const { crit, warn, broken } = alerts[index] ?? { crit: 0, warn: 0, broken: false }
    const x = Math.round(index * step + 1)
    const w = Math.max(2, Math.round(step - 3))
    const [hc, hw] = [Math.round((crit / top) * height), Math.round((warn / top) * height)]
    const looked = window.status === 'ok' || window.status === 'warn' || window.status === 'drift'
    const title = `${span(window.from, window.to)}: ${statusWord(window.status)}. ${window.sentence}`
    const sign = broken ? markup`<path class="k" d="M${x + Math.round(w / 2)} ${height + 8}l4 4-4 4-4-4z"/>` : nothing
    const empty = looked
      ? nothing
      : markup`<path class="e" stroke-dasharray="2 3" d="M${x} ${height - 10}h${w}v10h-${w}z"/>`
    return markup`<g><title>${title}</title><path class="k" d="M${x} ${height}v-${hc}h${w}v${hc}"/><path class="w" d="M${x} ${height - hc}v-${hw}h${w}v${hw}"/>${empty}${sign}<path fill="transparent" d="M${x} 0h${w}v${height}h-${w}"/></g>`
  })
  const [first, last] = [windows[0], windows.at(-1)]
  return markup`<h2>Over time</h2><p class="key"><span><i style="background:var(--crit)"></i>columns changed critically</span><span><i style="background:var(--amber)"></i>columns with a warning</span><span>◆ data-quality finding</span><span>dashed: not evaluated</span></p><svg viewBox="0 -14 ${width} ${height + 48}" class="wide"><text y="-4">${top} of ${columns} columns</text><path class="ax" d="M0 0h${width}M0 ${height}h${width}"/>${marks}<text y="${height + 31}">${first?.from == null ? '' : instant(first.from)}</text><text x="${width}" y="${height + 31}" class="r">${last?.to == null ? '' : instant(last.to)}</text></svg>`
}

function count(window: WindowResult, severity: 'crit' | 'warn'): number {
  return window.columns.filter((column) => column.severity === severity).length
}

interface Point {
  readonly window: WindowResult
  readonly column: ColumnResult
  readonly metric: Metric
}

/** A column's leading metric in every window, with its floors and what chance alone shows. */
export function historyPlot(
  result: DriftResult,
  name: string,
  leading: Metric & { readonly metric: DecidingMetric },
): Markup {
  const points = result.windows.map((window): Point | null => {
    const column = window.columns.find((candidate) => candidate.name === name)
    const metric = column?.metrics.find((candidate) => candidate.metric === leading.metric)
    return column === undefined || metric === undefined || metric.value === null ? null : { window, column, metric }
  })
  if (points.filter((point) => point !== null).length < 2) return nothing
  const [width, height] = [320, 120]
  const floor = result.policy.floors[leading.metric]
  const top = Math.max(floor.crit * 1.15, ...points.map((point) => point?.metric.value ?? 0))
  const x = (index: number): number => Math.round(4 + (index / (points.length - 1)) * (width - 8))
  const y = (value: number): number => height - Math.round((Math.min(value, top) / top) * height)
  const drawn = points.flatMap((point, index) => (point === null ? [] : [{ ...point, index }]))
  const values = polyline(drawn.map(({ metric, index }) => [x(index), y(metric.value ?? 0)]))
  const noise = polyline(drawn.map(({ metric, index }) => [x(index), y(metric.noise ?? 0)]))
  // a line of no length with round ends is a dot
  const dots = (['crit', 'warn'] as const).flatMap((severity) => {
    const path = drawn
      .flatMap(({ column, metric, index }) =>
        column.severity === severity ? [`M${x(index)} ${y(metric.value ?? 0)}h0`] : [],
      )
      .join('')
    return path === '' ? [] : [markup`<path class="${severity === 'crit' ? 'dk' : 'dw'}" d="${path}"/>`]
  })
  return markup`<figure><figcaption>${metricWord(leading.metric)} over time</figcaption><svg viewBox="0 -12 ${width} ${height + 30}"><text y="-2">${brief(top)}</text><path class="ax" d="M0 ${height}h${width}"/><path class="fw" d="M0 ${y(floor.warn)}h${width}"/><path class="fl" d="M0 ${y(floor.crit)}h${width}"/><path class="nf" d="${noise}"/><path class="cl" d="${values}"/>${dots}</svg></figure>`
}

/** The same in a table cell: excess over the floor, window by window, cut at four times the floor. */
export function trend(result: DriftResult, name: string): Markup {
  if (result.windows.length < 2) return nothing
  const [width, height] = [90, 24]
  const step = width / (result.windows.length - 1)
  const y = (excess: number): number => height - Math.round((Math.min(excess, 4) / 4) * height)
  const points = result.windows.flatMap((window, index): (readonly [number, number])[] => {
    const excess = window.columns.find((column) => column.name === name)?.excess ?? null
    return excess === null ? [] : [[Math.round(index * step), y(excess)]]
  })
  if (points.length < 2) return nothing
  return markup`<svg width="${width}" height="${height}"><path class="fw" d="M0 ${y(1)}h${width}"/><path class="cl" d="${polyline(points)}"/></svg>`
}
