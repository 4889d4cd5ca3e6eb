import { visibleText } from '@martlet/warehouse'
import { metricNamed } from '../../truth/compare-performance.ts'
import { metricWord } from '../../compare/metrics/lookup.ts'
import type { DriftResult, WindowResult } from '../../verdict/result.ts'
import { brief, chance, grouped } from '../../verdict/wording.ts'
import { coverageWords } from '../performance-words.ts'
import { besideParity, differing, parityCells, parityTitles } from '../parity-table.ts'
import type { ReportFormat } from '../report-format.ts'
import { changedRows, leadingMetric, orderedRows, type Row } from '../rows.ts'
import { estimateTable } from '../estimate-table.ts'
import { span, statusWord } from '../words.ts'

/** A result as Markdown, for a pull request, a step summary or a chat: the verdict, the findings, the columns that changed. */
export function toMarkdown(result: DriftResult): string {
  const latest = result.windows.at(-1)
  const lines = [
    `## ${statusWord(result.status)}: ${text(result.monitor)}`,
    '',
    text(result.sentence),
    ...(latest === undefined ? [] : ['', comparison(result, latest)]),
    ...(result.since === null ? [] : [`Alerting since ${result.since}.`]),
    ...(latest === undefined
      ? []
      : [
          ...causes(latest),
          ...findings(latest),
          ...performanceLines(latest),
          ...parityLines(latest),
          ...changes(result, latest),
          ...estimates(result),
        ]),
  ]
  return `${lines.join('\n')}\n`
}

export const markdown: ReportFormat = { name: 'markdown', extension: 'md', render: toMarkdown }

function comparison({ profile }: DriftResult, { from, to, rows, reference: own, parity }: WindowResult): string {
  if (parity !== undefined) return `Window ${span(from, to)}, ${grouped(rows)} predictions.`
  const reference = `reference ${text(profile.name)}, ${grouped(profile.rows)} rows`
  return `Window ${span(from, to)}, ${grouped(rows)} rows; ${reference}.${own === undefined ? '' : ` ${text(own.sentence)}`}`
}

function causes({ causes: found }: WindowResult): readonly string[] {
  if (found.length === 0) return []
  const lines = found.map(({ severity, sentence, columns }) => {
    const others = columns.length < 2 ? '' : ` (${columns.map(text).join(', ')})`
    return `- **${severity}** ${text(sentence)}${others}`
  })
  return ['', '### What happened', '', ...lines]
}

function findings({ findings: found }: WindowResult): readonly string[] {
  if (found.length === 0) return []
  return [
    '',
    '### The data itself',
    '',
    ...found.map(({ severity, sentence }) => `- **${severity}** ${text(sentence)}`),
  ]
}

/** The figures of all rows. */
function performanceLines({ performance }: WindowResult): readonly string[] {
  const [all] = performance?.groups ?? []
  if (performance === undefined || all === undefined) return []
  const number = (value: number | null): string => (value === null ? '' : brief(value))
  return [
    '',
    '### Performance',
    '',
    coverageWords(performance),
    '',
    '| metric | value | 95 % | reference | baseline |',
    '| --- | ---: | --- | ---: | ---: |',
    ...all.metrics.map(({ metric, value, interval, reference, baseline }) => {
      const ends = interval === null ? '' : `${brief(interval[0])} … ${brief(interval[1])}`
      const cells = [metricNamed(metric).word, number(value), ends, number(reference), number(baseline?.value ?? null)]
      return `| ${cells.join(' | ')} |`
    }),
  ]
}

/** Features that were served otherwise than defined, worst first. */
function parityLines({ parity }: WindowResult): readonly string[] {
  if (parity === undefined) return []
  const rows = differing(parity).map((one) => `| ${parityCells(one).map(text).join(' | ')} |`)
  return [
    '',
    '### Served vectors',
    '',
    ...besideParity(parity).map(text),
    ...(rows.length === 0
      ? []
      : ['', `| ${parityTitles.join(' | ')} |`, '| --- | ---: | ---: | ---: | ---: | --- |', ...rows]),
  ]
}

function changes(result: DriftResult, latest: WindowResult): readonly string[] {
  const changed = changedRows(orderedRows(result, latest))
  if (changed.length === 0) return []
  return [
    '',
    '### Columns that changed',
    '',
    '| column | verdict | effect | metric | q | |',
    '| --- | --- | ---: | --- | ---: | --- |',
    ...changed.map((row) => change(result, row)),
  ]
}

/** How well the model probably does, window by window, newest first. */
function estimates({ windows }: DriftResult): readonly string[] {
  const table = estimateTable(windows)
  if (table === null) return []
  return [
    '',
    '### Estimated performance, without labels',
    '',
    ...table.notes.map((note) => `- ${text(note)}`),
    '',
    `| ${['window', ...table.metrics].map(text).join(' | ')} |`,
    `| --- |${' ---: |'.repeat(table.metrics.length)}`,
    ...table.rows.map(({ window, cells }) => `| ${[window, ...cells].map(text).join(' | ')} |`),
  ]
}

function change(result: DriftResult, row: Row): string {
  const { name, status, q, sentence } = row.column
  const leading = leadingMetric(row, result.policy)
  const cells = [
    text(name),
    statusWord(status),
    leading === null ? '' : brief(leading.effect ?? 0),
    leading === null ? '' : metricWord(leading.metric),
    q === null ? '' : chance(q),
    text(sentence),
  ]
  return `| ${cells.join(' | ')} |`
}

/** Text in which nothing is Markdown or HTML, or steers the terminal that it is printed on. */
function text(value: string): string {
  const line = value.replaceAll(/[\r\n]+/g, ' ')
  return visibleText(line).replaceAll(/[\\`*_{}[\]<>#|~]/g, (sign) => `\\${sign}`)
}
