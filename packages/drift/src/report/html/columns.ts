import { typeText } from '@martlet/warehouse'
import type { Metric } from '../../compare/metric.ts'
import type { ColumnFacts, ColumnResult, DriftResult, WindowResult } from '../../verdict/result.ts'
import { atLeast } from '../../verdict/severity.ts'
import { brief, chance, grouped, metricWord, percent } from '../../verdict/wording.ts'
import { historyPlot, leadingMetric, trend } from './history.ts'
import { markup, nothing } from './markup.ts'
import type { Markup } from './markup.ts'
import { categoryPlot, cumulativePlot, histogramPlot } from './plots.ts'
import { spark } from './spark.ts'
import { statusTag } from './words.ts'

interface Row {
  readonly column: ColumnResult
  readonly facts: ColumnFacts
  readonly anchor: string
}

const severities = ['crit', 'warn', 'info', 'none'] as const

/** Columns of a window, the most urgent first, then by effect times importance. */
export function orderedRows(result: DriftResult, window: WindowResult): readonly Row[] {
  const facts = new Map(result.columns.map((column) => [column.name, column]))
  const broken = new Map(
    window.findings.flatMap(({ column, severity }) => (column === null ? [] : [[column, severity] as const])),
  )
  const rank = ({ column, facts: { importance } }: Row): number => (column.excess ?? 0) * importance
  const urgency = ({ column }: Row): number =>
    Math.min(severities.indexOf(column.severity), severities.indexOf(broken.get(column.name) ?? 'none'))
  const rows = window.columns.flatMap((column, index): readonly Row[] => {
    const found = facts.get(column.name)
    return found === undefined ? [] : [{ column, facts: found, anchor: `c${index}` }]
  })
  return rows.toSorted((a, b) => urgency(a) - urgency(b) || rank(b) - rank(a))
}

/** The columns that changed enough to tell, critical ones first, then by effect times importance. */
export function changedColumns(rows: readonly Row[]): readonly ColumnResult[] {
  const rank = ({ column, facts }: Row): number => (column.excess ?? 0) * facts.importance
  return rows
    .filter(({ column }) => atLeast(column.severity, 'warn'))
    .toSorted(
      (a, b) => severities.indexOf(a.column.severity) - severities.indexOf(b.column.severity) || rank(b) - rank(a),
    )
    .map(({ column }) => column)
}

/** The table of all columns. */
export function columnTable(result: DriftResult, rows: readonly Row[]): Markup {
  const nullFindings = result.windows.at(-1)?.findings.filter(({ kind }) => kind === 'nullRate') ?? []
  const nullCss = new Map(nullFindings.map(({ column, severity }) => [column, severity]))
  const nullTag = (name: string): Markup =>
    nullCss.has(name) ? markup`<td class="${nullCss.get(name) ?? ''}">` : markup`<td>`
  const history = result.windows.length > 1
  const head = history ? markup`<th>Trend</th>` : nothing
  const lines = rows.map(({ column, facts, anchor }) => {
    const leading = leadingMetric(column, result)
    const effect =
      leading === null
        ? markup`<td class="soft">–</td>`
        : markup`<td>${brief(leading.effect ?? 0)}<small>${metricWord(leading.metric)}</small></td>`
    const q = column.q === null ? '–' : chance(column.q)
    return markup`<tr><td class="name"><a href="#${anchor}">${column.name}</a><small>${typeWord(facts)}</small></td><td>${statusTag(column.status)}</td><td>${spark(facts, column.counts)}</td>${effect}<td>${column.excess === null ? '–' : `${brief(column.excess)} ×`}</td><td>${q}</td>${nullTag(column.name)}${nullWords(facts, column)}</td>${history ? markup`<td>${trend(result, column.name)}</td>` : nothing}</tr>`
  })
  return markup`<h2>Columns</h2><p class="key"><span><i class="t"></i>reference</span><span><i class="c"></i>now</span><span>Effect: what is left after chance is taken off. q: false-discovery-controlled chance.</span></p><div class="scroll"><table class="all"><thead><tr><th>Column</th><th>Verdict</th><th>Reference and now</th><th>Effect</th><th>of its floor</th><th>q</th><th>Nulls</th>${head}</tr></thead><tbody>${lines}</tbody></table></div>`
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

/** Columns that get all plots; those after them are the least urgent and have their histogram in the table. */
const plottedColumns = 20

/** Everything about each column, folded away except for the first ones to look at. */
export function columnDetails(result: DriftResult, rows: readonly Row[]): Markup {
  const details = rows.map((row, index) =>
    detail(result, row, { open: index < 3 && atLeast(row.column.severity, 'warn'), plotted: index < plottedColumns }),
  )
  const rest =
    rows.length > plottedColumns
      ? ` After the first ${plottedColumns} columns, histograms are only in the table above.`
      : ''
  return markup`<h2>Column by column</h2><p class="soft">The outermost cells of a histogram are all rows below and above. In plots over time the windows go from the oldest to the newest; dashed are the floors, dotted is what chance alone shows.${rest}</p>${details}`
}

function detail(
  result: DriftResult,
  { column, facts, anchor }: Row,
  { open, plotted }: { readonly open: boolean; readonly plotted: boolean },
): Markup {
  const leading = leadingMetric(column, result)
  const drawable = plotted && column.counts.length > 0 && column.values > 0
  const plots = drawable
    ? facts.kind === 'category'
      ? categoryPlot(facts, column.counts)
      : markup`${histogramPlot(facts, column.counts)}${cumulativePlot(facts, column.counts)}`
    : nothing
  const history = leading === null ? nothing : historyPlot(result, column.name, leading)
  const reproduction = result.sql.find((statement) => statement.column === column.name)
  const sql =
    reproduction === undefined
      ? nothing
      : markup`<details><summary>SQL that counts it again</summary><pre>${reproduction.sql}</pre></details>`
  return markup`<details id="${anchor}"${open ? markup` open` : nothing}><summary><h3>${column.name}</h3>${statusTag(column.status)}<span class="soft">${grouped(column.values)} values</span></summary><div class="body"><p>${column.sentence}</p><div class="plots">${plots}${history}</div>${metricTable(column)}${sql}</div></details>`
}

/** Metrics that decide or have a test in a table, the others in a line below. */
function metricTable(column: ColumnResult): Markup {
  if (column.metrics.length === 0) return nothing
  const told = column.metrics.filter(({ effect, p, value }) => value !== null && (effect !== null || p !== null))
  const others = column.metrics
    .filter((metric) => !told.includes(metric))
    .map((metric) => `${metricWord(metric.metric)} ${valueWords(metric)}`)
  const cell = (value: number | null): Markup => markup`<td>${value === null ? '' : brief(value)}</td>`
  const lines = told.map(
    (metric) =>
      markup`<tr><td>${metricWord(metric.metric)}</td><td>${valueWords(metric)}</td>${cell(metric.noise)}${cell(metric.effect)}<td>${metric.p === null ? '' : chance(metric.p)}</td></tr>`,
  )
  return markup`<div class="scroll"><table><tr><th>Metric</th><th>Value</th><th>By chance</th><th>Effect</th><th>p</th></tr>${lines}</table></div>${others.length === 0 ? nothing : markup`<p class="soft also">Also: ${others.join(', ')}.</p>`}`
}

function valueWords({ value, interval, reason }: Metric): string {
  if (value === null) return `undefined: ${reason ?? 'no values'}`
  if (interval !== null) return `${brief(interval[0])} … ${brief(interval[1])}`
  return `${reason === null ? '' : '≥ '}${brief(value)}`
}
