import { visibleText } from '@martlet/warehouse'
import type { DriftResult } from '../verdict/result.ts'
import { brief, chance, grouped, metricWord } from '../verdict/wording.ts'
import { changedColumns, orderedRows } from './html/columns.ts'
import { leadingMetric } from './html/history.ts'
import { span, statusWord } from './html/words.ts'

/** A result as Markdown, for a pull request, a step summary or a chat: the verdict, the findings, the columns that changed. */
export function toMarkdown(result: DriftResult): string {
  const latest = result.windows.at(-1)
  const lines = [`## ${statusWord(result.status)}: ${text(result.monitor)}`, '', text(result.sentence)]
  if (latest !== undefined)
    lines.push(
      '',
      `Window ${span(latest.from, latest.to)}, ${grouped(latest.rows)} rows; reference ${text(result.profile.name)}, ${grouped(result.profile.rows)} rows.`,
    )
  if (result.since !== null) lines.push(`Alerting since ${result.since}.`)
  const findings = latest?.findings ?? []
  if (findings.length > 0)
    lines.push(
      '',
      '### The data itself',
      '',
      ...findings.map(({ severity, sentence }) => `- **${severity}** ${text(sentence)}`),
    )
  const changed = latest === undefined ? [] : changedColumns(orderedRows(result, latest))
  if (changed.length > 0) {
    lines.push(
      '',
      '### Columns that changed',
      '',
      '| column | verdict | effect | metric | q | |',
      '| --- | --- | ---: | --- | ---: | --- |',
    )
    for (const column of changed) {
      const leading = leadingMetric(column, result)
      const effect = leading === null ? ['', ''] : [brief(leading.effect ?? 0), metricWord(leading.metric)]
      lines.push(
        `| ${text(column.name)} | ${statusWord(column.status)} | ${effect[0]} | ${effect[1]} | ${column.q === null ? '' : chance(column.q)} | ${text(column.sentence)} |`,
      )
    }
  }
  return `${lines.join('\n')}\n`
}

/** Text in which nothing is Markdown or HTML, or steers the terminal that it is printed on. */
function text(value: string): string {
  const line = value.replaceAll(/[\r\n]+/g, ' ')
  return visibleText(line).replaceAll(/[\\`*_{}[\]<>#|~]/g, (sign) => `\\${sign}`)
}
