import { typeText } from '@martlet/warehouse'
import { metricWord } from '../../compare/metrics/lookup.ts'
import type { ColumnFacts, ColumnResult, DriftResult } from '../../verdict/result.ts'
import { brief, chance, percent } from '../../verdict/wording.ts'
import { markup, nothing, type Markup } from '../markup.ts'
import { leadingMetric, type Row } from '../rows.ts'
import { statusTag } from '../words.ts'
import { trend } from './history-plot.ts'
import { spark } from './spark.ts'

/** The table of all columns. */
export function columnTable(result: DriftResult, rows: readonly Row[]): Markup {
  const head = result.windows.length > 1 ? markup`<th>Trend</th>` : nothing
  return markup`
    <h2>Columns</h2>
    <p class="key">
      <span><i class="t"></i>reference</span>
      <span><i class="c"></i>now</span>
      <span>Effect: what is left after chance is taken off. q: false-discovery-controlled chance.</span>
    </p>
    <div class="scroll">
      <table class="all">
        <thead>
          <tr>
            <th>Column</th><th>Verdict</th><th>Reference and now</th><th>Effect</th>
            <th>of its floor</th><th>q</th><th>Nulls</th>${head}
          </tr>
        </thead>
        <tbody>${rows.map((row) => line(result, row))}</tbody>
      </table>
    </div>
  `
}

function line(result: DriftResult, row: Row): Markup {
  const { column, facts, anchor } = row
  const leading = leadingMetric(row, result.policy)
  const effect =
    leading === null
      ? markup`<td class="soft">–</td>`
      : markup`<td>${brief(leading.effect ?? 0)}<small>${metricWord(leading.metric)}</small></td>`
  return markup`
    <tr>
      <td class="name"><a href="#${anchor}">${column.name}</a><small>${typeWord(facts)}</small></td>
      <td>${statusTag(column.status)}</td>
      <td>${spark(facts, column.counts)}</td>
      ${effect}
      <td>${column.excess === null ? '–' : `${brief(column.excess)} ×`}</td>
      <td>${column.q === null ? '–' : chance(column.q)}</td>
      ${nullCell(result, row)}
      ${result.windows.length > 1 ? markup`<td>${trend(result, column.name)}</td>` : nothing}
    </tr>
  `
}

/** The share of nulls, coloured when it is a finding. */
function nullCell(result: DriftResult, { column, facts }: Row): Markup {
  const found = result.windows
    .at(-1)
    ?.findings.findLast((finding) => finding.kind === 'nullRate' && finding.column === column.name)
  const words = nullWords(facts, column)
  return found === undefined ? markup`<td>${words}</td>` : markup`<td class="${found.severity}">${words}</td>`
}

function nullWords(facts: ColumnFacts, column: ColumnResult): string {
  if (column.nullRate === null) return '–'
  return facts.nullRate === column.nullRate
    ? percent(column.nullRate)
    : `${percent(facts.nullRate)} → ${percent(column.nullRate)}`
}

function typeWord({ type, kind, role }: ColumnFacts): string {
  const name = typeText(type)
  const read = kind === 'category' && (name === 'integer' || name === 'bigint') ? `${name}, as category` : name
  return role === 'feature' ? read : `${role}, ${read}`
}
