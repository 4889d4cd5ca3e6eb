import { typeText } from '@martlet/warehouse'
import { metricWord } from '../../../compare/metrics/lookup.ts'
import type { ColumnFacts, ColumnResult, DriftResult } from '../../../verdict/result.ts'
import { brief, chance, percent } from '../../../verdict/wording.ts'
import { markup, nothing, type Markup } from '../../markup.ts'
import { leadingMetric, type Row } from '../../rows.ts'
import { statusTag } from '../../words.ts'
import { trend } from '../history-plot.ts'
import { breakable } from '../breakable.ts'
import type { Page } from '../page.ts'
import { spark } from '../spark.ts'

/** The table of all columns; a narrow screen leaves out what the details say again. */
export function columnTable({ result, rows }: Page): Markup {
  if (rows.length === 0) return nothing
  const head = result.windows.length > 1 ? markup`<th scope="col">Trend</th>` : nothing
  return markup`
    <section>
      <h2>Columns</h2>
      <p class="key">
        <span><i class="c"></i>now</span>
        <span><i class="t"></i>reference</span>
        <span><i class="o"></i>outside the range drawn</span>
        <span><i class="un"></i>unseen values</span>
        <span><i class="mi"></i>missing</span>
      </p>
      <div class="scroll">
        <table class="all">
          <thead>
            <tr>
              <th scope="col">Column</th>
              <th scope="col">Verdict</th>
              <th scope="col">Reference and now</th>
              <th scope="col">Effect</th>
              <th scope="col">of its floor</th>
              <th scope="col">q</th>
              <th scope="col">Missing</th>
              ${head}
            </tr>
          </thead>
          <tbody>${rows.map((row) => line(result, row))}</tbody>
        </table>
      </div>
      <p class="soft x">
        Effect: what is left after chance is taken off; from 1 × its floor on it matters. q: how likely chance alone is,
        after all columns were counted.
      </p>
    </section>
  `
}

function line(result: DriftResult, row: Row): Markup {
  const { column, facts, anchor } = row
  const leading = leadingMetric(row, result.policy)
  const effect =
    leading === null || leading.effect === null
      ? markup`<td>–</td>`
      : markup`<td>${brief(leading.effect)}<small>${metricWord(leading.metric)}</small></td>`
  return markup`
    <tr>
      <th scope="row"><a href="#${anchor}">${breakable(column.name)}</a><small>${typeWord(facts)}</small></th>
      <td>${statusTag(column.status)}</td>
      <td>${spark(facts, column)}</td>
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
