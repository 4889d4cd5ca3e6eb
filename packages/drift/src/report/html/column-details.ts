import type { DriftResult } from '../../verdict/result.ts'
import { atLeast } from '../../verdict/severity.ts'
import { grouped } from '../../verdict/wording.ts'
import { markup, nothing, type Markup } from '../markup.ts'
import { leadingMetric, type Row } from '../rows.ts'
import { statusTag } from '../words.ts'
import { categoryPlot } from './category-plot.ts'
import { cumulativePlot } from './cumulative-plot.ts'
import { histogramPlot } from './histogram-plot.ts'
import { historyPlot } from './history-plot.ts'
import { metricTable } from './metric-table.ts'

/** Columns that get all plots; those after them are the least urgent and have their histogram in the table. */
const PLOTTED_COLUMNS = 20
/** Columns whose details are open when the page is, if they changed. */
const OPEN_COLUMNS = 3

/** Everything about each column, folded away except for the first ones to look at. */
export function columnDetails(result: DriftResult, rows: readonly Row[]): Markup {
  const rest =
    rows.length > PLOTTED_COLUMNS
      ? ` After the first ${PLOTTED_COLUMNS} columns, histograms are only in the table above.`
      : ''
  return markup`
    <h2>Column by column</h2>
    <p class="soft">
      The outermost cells of a histogram are all rows below and above. In plots over time the windows go from the oldest
      to the newest; dashed are the floors, dotted is what chance alone shows.${rest}
    </p>
    ${rows.map((row, index) => details(result, row, index))}
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
        <span class="soft">${grouped(column.values)} values</span>
      </summary>
      <div class="body">
        <p>${column.sentence}</p>
        <div class="plots">
          ${index < PLOTTED_COLUMNS ? plots(row) : nothing}
          ${leading === null ? nothing : historyPlot(result, column.name, leading)}
        </div>
        ${metricTable(column)}
        ${reproduction(result, column.name)}
      </div>
    </details>
  `
}

function plots({ column, facts }: Row): Markup {
  if (column.counts.length === 0 || column.values === 0) return nothing
  if (facts.kind === 'category') return categoryPlot(facts, column.counts)
  return markup`${histogramPlot(facts, column.counts)}${cumulativePlot(facts, column.counts)}`
}

function reproduction(result: DriftResult, name: string): Markup {
  const statement = result.sql.find(({ column }) => column === name)
  return statement === undefined
    ? nothing
    : markup`<details><summary>SQL that counts it again</summary><pre>${statement.sql}</pre></details>`
}
