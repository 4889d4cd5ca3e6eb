import type { DriftResult } from '../../../verdict/result.ts'
import { atLeast } from '../../../verdict/severity.ts'
import { grouped } from '../../../verdict/wording.ts'
import { markup, nothing, type Markup } from '../../markup.ts'
import { leadingMetric, type Row } from '../../rows.ts'
import { statusTag } from '../../words.ts'
import { categoryPlot } from '../category-plot.ts'
import { cumulativePlot } from '../cumulative-plot.ts'
import { histogramPlot } from '../histogram-plot.ts'
import { historyPlot } from '../history-plot.ts'
import { metricTable } from '../metric-table.ts'
import type { Page } from '../page.ts'
import { smallMultiples } from '../small-multiples.ts'

/** Columns that get all plots; those after them are the least urgent and have their histogram and trend in the table. */
const PLOTTED_COLUMNS = 16
/** Columns whose details are open when the page is, if they changed. */
const OPEN_COLUMNS = 3

/** Everything about each column, folded away except for the first ones to look at. */
export function columnDetails({ result, rows }: Page): Markup {
  if (rows.length === 0) return nothing
  const rest =
    rows.length > PLOTTED_COLUMNS
      ? ` After the first ${PLOTTED_COLUMNS} columns, pictures are only in the table above.`
      : ''
  return markup`
    <section>
      <h2>Column by column</h2>
      <p class="soft">
        Bars are now, the line is the reference. In plots over time dashed lines are the floors, dotted is what chance
        alone shows, and windows in which the column alerted are shaded.${rest}
      </p>
      ${rows.map((row, index) => details(result, row, index))}
    </section>
  `
}

function details(result: DriftResult, row: Row, index: number): Markup {
  const { column, anchor } = row
  const open = index < OPEN_COLUMNS && atLeast(column.severity, 'warn')
  const leading = leadingMetric(row, result.policy)
  return markup`
    <details id="${anchor}"${open ? markup` open` : nothing}>
      <summary>
        <h3>${column.name}</h3>
        ${statusTag(column.status)}
        <span class="soft">${grouped(column.values)} ${column.values === 1 ? 'value' : 'values'}</span>
      </summary>
      <div class="body">
        <p>${column.sentence}</p>
        <div class="plots">
          ${index < PLOTTED_COLUMNS ? plots(row) : nothing}
          ${leading === null || index >= PLOTTED_COLUMNS ? nothing : historyPlot(result, column.name, leading)}
        </div>
        ${smallMultiples(result, row.facts)}
        ${metricTable(column)}
        ${reproduction(result, column.name)}
      </div>
    </details>
  `
}

function plots({ column, facts }: Row): Markup {
  if (column.counts.length === 0 || column.values === 0) return nothing
  if (facts.kind === 'category') return categoryPlot(facts, column)
  return markup`${histogramPlot(facts, column)}${cumulativePlot(facts, column)}`
}

function reproduction(result: DriftResult, name: string): Markup {
  const statement = result.sql.find(({ column }) => column === name)
  return statement === undefined
    ? nothing
    : markup`<details><summary>SQL that counts it again</summary><pre>${statement.sql}</pre></details>`
}
