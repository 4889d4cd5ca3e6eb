import { metricNamed } from '../../../truth/compare-performance.ts'
import type { TruthMetricName } from '../../../truth/metrics/list.ts'
import type {
  CalibrationBin,
  GroupPerformance,
  MetricPerformance,
  WindowPerformance,
} from '../../../truth/truth-result.ts'
import type { WindowResult } from '../../../verdict/result.ts'
import { brief, chance, grouped, percent } from '../../../verdict/wording.ts'
import { markup, nothing, type Markup } from '../../markup.ts'
import { clusterWords, coverageWords } from '../../performance-words.ts'
import { span } from '../../words.ts'
import type { Page } from '../page.ts'

const WIDTH = 1000
const HEIGHT = 110
/** Metrics that are drawn over time. */
const MOST_DRAWN = 4

/** How good predictions turned out to be: the figures of the latest window, over time, by segment, and the calibration. */
export function performance({ result }: Page): Markup {
  const latest = result.windows.at(-1)
  const realised = latest?.performance
  if (realised === undefined) return nothing
  const [all, ...segments] = realised.groups
  return markup`
    <h2>Performance</h2>
    <p class="soft">${coverageWords(realised)} ${clusterWords(realised)}</p>
    ${all === undefined ? nothing : figures(all, realised)}
    ${result.windows.length < 2 ? nothing : overTime(result.windows)}
    ${segments.length === 0 ? nothing : bySegment(segments)}
    ${realised.calibration === null ? nothing : calibrationPlot(realised.calibration)}
  `
}

function figures({ metrics }: GroupPerformance, { baseline }: WindowPerformance): Markup {
  return markup`
    <div class="scroll body">
      <table>
        <tr>
          <th>Metric</th><th>Value</th><th>95 %</th><th>Reference</th><th>Worse by</th><th>q</th>
          ${baseline === null ? nothing : markup`<th>Baseline ${baseline}</th><th>Difference, 95 %</th>`}
        </tr>
        ${metrics.map((metric) => figure(metric, baseline !== null))}
      </table>
    </div>
  `
}

function figure(metric: MetricPerformance, hasBaseline: boolean): Markup {
  const { value, interval, reference, q, severity, baseline } = metric
  const css = severity === 'crit' || severity === 'warn' ? severity : ''
  return markup`
    <tr class="${css}">
      <td>${metricNamed(metric.metric).word}</td>
      <td>${shown(value)}</td><td>${ends(interval)}</td><td>${shown(reference)}</td><td>${worseWords(metric)}</td>
      <td>${q === null ? '' : chance(q)}</td>
      ${
        hasBaseline
          ? markup`<td>${shown(baseline?.value ?? null)}</td><td>${ends(baseline?.interval ?? null)}</td>`
          : nothing
      }
    </tr>
  `
}

function worseWords({ metric, worse }: MetricPerformance): string {
  if (worse === null) return ''
  if (metricNamed(metric).floor.of !== 'reference') return brief(worse)
  // The reference may be 0.
  return worse < 1000 ? percent(worse) : '> 100 000 %'
}

/** Each deciding metric as a line of its windows, with intervals and the reference. */
function overTime(windows: readonly WindowResult[]): Markup {
  const names = [
    ...new Set(windows.flatMap(({ performance }) => performance?.groups[0]?.metrics ?? []).map(({ metric }) => metric)),
  ]
  const drawn = names.filter((name) => metricNamed(name).decides).slice(0, MOST_DRAWN)
  return markup`<h2>Over time</h2>${drawn.map((name) => line(name, windows))}`
}

function line(name: TruthMetricName, windows: readonly WindowResult[]): Markup {
  const points = windows.map(({ performance }) => performance?.groups[0]?.metrics.find(({ metric }) => metric === name))
  const values = points
    .flatMap((point) => [point?.value, point?.reference, ...(point?.interval ?? [])])
    .filter((value) => typeof value === 'number')
  if (values.length === 0) return nothing
  const [low, high] = [Math.min(...values), Math.max(...values)]
  // Halves, whose distance is a double however far apart they are.
  const range = high / 2 - low / 2 || 1
  const y = (value: number): number => Math.round(HEIGHT - ((value / 2 - low / 2) / range) * HEIGHT)
  const step = WIDTH / windows.length
  const reference = points.findLast((point) => point?.reference != null)?.reference ?? null
  const beside = reference === null ? '' : `, reference ${brief(reference)}`
  const title = `${metricNamed(name).word}: ${brief(low)} to ${brief(high)}${beside}`
  return markup`
    <figure>
      <figcaption>${title}</figcaption>
      <svg viewBox="0 -8 ${WIDTH} ${HEIGHT + 30}" class="wide" role="img">
        <title>${metricNamed(name).word} over time</title>
        ${reference === null ? nothing : markup`<path class="tl" d="M0 ${y(reference)}h${WIDTH}"/>`}
        ${points.map((point, i) => mark(point, Math.round((i + 0.5) * step), y))}
        <text y="${HEIGHT + 20}">${span(windows[0]?.from ?? null, windows[0]?.to ?? null)}</text>
        <text x="${WIDTH}" y="${HEIGHT + 20}" class="r">${span(windows.at(-1)?.from ?? null, windows.at(-1)?.to ?? null)}</text>
      </svg>
    </figure>
  `
}

function mark(point: MetricPerformance | undefined, x: number, y: (value: number) => number): Markup {
  if (point === undefined || point.value === null) return nothing
  const { value, interval, severity } = point
  const colour = severity === 'crit' ? 'var(--crit)' : severity === 'warn' ? 'var(--amber)' : 'var(--now)'
  return markup`
    ${interval === null ? nothing : markup`<path class="cl" d="M${x} ${y(interval[0])}V${y(interval[1])}"/>`}
    <circle cx="${x}" cy="${y(value)}" r="5" fill="${colour}"/>
  `
}

function bySegment(groups: readonly GroupPerformance[]): Markup {
  const names = (groups[0]?.metrics ?? []).map(({ metric }) => metric).filter((name) => metricNamed(name).decides)
  return markup`
    <h2>By segment</h2>
    <div class="scroll body">
      <table>
        <tr><th>Segment</th><th>Rows</th>${names.map((name) => markup`<th>${metricNamed(name).word}</th><th>95 %</th>`)}</tr>
        ${groups.map(
          ({ segment, rows, metrics }) => markup`
            <tr>
              <td class="name">${segment?.value ?? ''}<small>${segment?.column ?? ''}</small></td><td>${grouped(rows)}</td>
              ${names.map((name) => cell(metrics.find(({ metric }) => metric === name)))}
            </tr>
          `,
        )}
      </table>
    </div>
  `
}

function cell(metric: MetricPerformance | undefined): Markup {
  const css = metric?.severity === 'crit' || metric?.severity === 'warn' ? metric.severity : ''
  return markup`<td class="${css}">${shown(metric?.value ?? null)}</td><td>${ends(metric?.interval ?? null)}</td>`
}

/** Chances against how often it happened; on the diagonal they agree. */
function calibrationPlot(bins: readonly CalibrationBin[]): Markup {
  const size = 220
  const most = Math.max(...bins.map(({ rows }) => rows))
  const at = (share: number): number => Math.round(share * size)
  return markup`
    <h2>Calibration</h2>
    <figure>
      <figcaption>Predicted chance against how often it happened; larger dots have more rows.</figcaption>
      <svg viewBox="-2 -8 ${size + 10} ${size + 32}" width="${size + 60}" role="img">
        <title>Calibration</title>
        <path class="ax" d="M0 0V${size}H${size}"/><path class="tl" d="M0 ${size}L${size} 0"/>
        ${bins.map(
          ({ rows, predicted, happened }) => markup`
            <circle cx="${at(predicted)}" cy="${size - at(happened)}" r="${Math.round(3 + 5 * Math.sqrt(rows / most))}" class="c"/>
          `,
        )}
        <text y="${size + 18}">0</text><text x="${size}" y="${size + 18}" class="r">1</text>
      </svg>
    </figure>
  `
}

function shown(value: number | null): string {
  return value === null ? '' : brief(value)
}

function ends(interval: readonly [number, number] | null): string {
  return interval === null ? '' : `${brief(interval[0])} … ${brief(interval[1])}`
}
