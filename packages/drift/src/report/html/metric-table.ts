import type { Metric } from '../../compare/metric.ts'
import { metricWord } from '../../compare/metrics/lookup.ts'
import type { ColumnResult } from '../../verdict/result.ts'
import { brief, chance } from '../../verdict/wording.ts'
import { markup, nothing, type Markup } from '../markup.ts'

/** Metrics that decide or have a test in a table, the others in a line below. */
export function metricTable(column: ColumnResult): Markup {
  if (column.metrics.length === 0) return nothing
  const listed = column.metrics.filter(({ effect, p, value }) => value !== null && (effect !== null || p !== null))
  const others = column.metrics
    .filter((metric) => !listed.includes(metric))
    .map((metric) => `${metricWord(metric.metric)} ${valueWords(metric)}`)
  return markup`
    <div class="scroll">
      <table>
        <thead><tr>
          <th>Metric</th><th>Value</th><th>By chance</th>
          <th>Effect</th><th>p</th>
        </tr></thead>
        <tbody>${listed.map(line)}</tbody>
      </table>
    </div>
    ${others.length === 0 ? nothing : markup`<p class="soft also">Also: ${others.join(', ')}.</p>`}
  `
}

function line(metric: Metric): Markup {
  const cell = (value: number | null): Markup => markup`<td>${value === null ? '' : brief(value)}</td>`
  return markup`
    <tr>
      <th>${metricWord(metric.metric)}</th>
      <td>${valueWords(metric)}</td>
      ${cell(metric.noise)}
      ${cell(metric.effect)}
      <td>${metric.p === null ? '' : chance(metric.p)}</td>
    </tr>
  `
}

function valueWords({ value, interval, reason }: Metric): string {
  if (value === null) return `undefined: ${reason ?? 'no values'}`
  if (interval !== null) return `${brief(interval[0])} … ${brief(interval[1])}`
  return `${reason === null ? '' : '≥ '}${brief(value)}`
}
