import type { ReportSeries, SeriesPoint } from '../report-series.ts'
import { brief } from '../../../verdict/wording.ts'
import { markup, nothing, type Markup } from '../../markup.ts'
import { instant } from '../../words.ts'
import { estimateSeries } from '../estimate-series.ts'
import { PLOT_HEIGHT, PLOT_WIDTH, polyline } from '../plot.ts'
import type { Page } from '../page.ts'

/** Points drawn of a series, the latest. */
const MOST_POINTS = 60

/** Estimated performance over time, a picture for each metric. */
export function seriesSection({ result: { windows } }: Page): Markup {
  const series = estimateSeries(windows)
  if (series.length === 0) return nothing
  return markup`<section><h2>Estimated performance over time</h2><div class="plots">${series.map(plot)}</div></section>`
}

interface Measured extends SeriesPoint {
  readonly value: number
}

function plot({ title, sentence, comparedWith, points }: ReportSeries): Markup {
  const shown = points.slice(-MOST_POINTS)
  const measured = shown.flatMap((point, index) => (isMeasured(point) ? [{ ...point, index }] : []))
  const latest = measured.at(-1)
  return markup`
    <figure>
      <figcaption>
        <b>${title}</b>${latest === undefined ? ', not measured yet' : `, latest ${brief(latest.value)}${interval(latest)}`}
      </figcaption>
      ${measured.length < 2 ? nothing : drawing(shown, measured)}
      <p class="ends">
        ${sentence}${measured.every(({ compared }) => compared === null) ? '' : ` Dotted: ${comparedWith}.`}
      </p>
    </figure>
  `
}

function isMeasured(point: SeriesPoint): point is Measured {
  return point.value !== null
}

function interval({ low, high }: SeriesPoint): string {
  return low === null || high === null ? '' : ` (${brief(low)} to ${brief(high)})`
}

function drawing(shown: readonly SeriesPoint[], measured: readonly (Measured & { index: number })[]): Markup {
  const [width, height] = [PLOT_WIDTH, PLOT_HEIGHT]
  const all = measured.flatMap(({ value, low, high, compared }) => [
    value,
    low ?? value,
    high ?? value,
    compared ?? value,
  ])
  const [least, most] = [Math.min(...all), Math.max(...all)]
  // Halves, whose distance is a double however far apart they are.
  const [bottom, top] = [least / 2, most / 2]
  const room = (top - bottom || Math.abs(top) || 1) * 0.08
  const x = (index: number): number => Math.round(4 + (index / Math.max(1, shown.length - 1)) * (width - 8))
  const y = (value: number): number =>
    height - Math.round(((value / 2 - bottom + room) / (top - bottom + 2 * room)) * height)
  const band = measured.filter(({ low, high }) => low !== null && high !== null)
  const up = band.map(({ index, high, value }) => `${x(index)} ${y(high ?? value)}`)
  const down = band.toReversed().map(({ index, low, value }) => `${x(index)} ${y(low ?? value)}`)
  const compared = measured.flatMap((point) =>
    point.compared === null ? [] : [[x(point.index), y(point.compared)] as const],
  )
  const alerts = measured
    .filter(({ alert }) => alert === 'warn')
    .map(({ index, value }) => `M${x(index)} ${y(value)}h0`)
  return markup`
    <svg viewBox="0 -12 ${width} ${height + 30}" aria-hidden="true">
      <text y="-2">${brief(most)}</text>
      <text y="${height - 3}">${brief(least)}</text>
      <path class="ax" d="M0 ${height}h${width}"/>
      ${up.length < 2 ? nothing : markup`<path class="band" d="M${[...up, ...down].join('L')}z"/>`}
      ${compared.length < 2 ? nothing : markup`<path class="nf" d="${polyline(compared)}"/>`}
      <path class="cl" d="${polyline(measured.map(({ index, value }) => [x(index), y(value)]))}"/>
      ${alerts.length === 0 ? nothing : markup`<path class="dw" d="${alerts.join('')}"/>`}
      <text x="0" y="${height + 15}">${instant(shown[0]?.from ?? '')}</text>
      <text x="${width}" y="${height + 15}" class="r">${instant(shown.at(-1)?.to ?? '')}</text>
    </svg>
  `
}
