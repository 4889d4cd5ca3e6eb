import type { Finding, WindowResult } from '../../verdict/result.ts'
import { markup, nothing, type Markup } from '../markup.ts'
import { changedRows, type Row } from '../rows.ts'
import { severityTag } from '../words.ts'

/** Lines of each list; the columns are all in the table below. */
const MOST = 12

/** Why the window alerts: findings about the data, then the columns that changed. */
export function reasons(latest: WindowResult, rows: readonly Row[]): Markup {
  const anchors = new Map(rows.map(({ column, anchor }) => [column.name, anchor]))
  const findings = latest.findings.filter(({ severity }) => severity !== 'none')
  const changed = changedRows(rows)
  const quality = findings
    .slice(0, MOST)
    .map((finding) => markup`<li>${severityTag(finding.severity)}<span>${linked(finding, anchors)}</span></li>`)
  const columns = changed.slice(0, MOST).map(
    ({ column: { name, severity, sentence }, anchor }) => markup`
      <li>${severityTag(severity)}<span><a href="#${anchor}">${name}</a> ${sentence}</span></li>
    `,
  )
  return markup`
    ${list('The data itself', quality, findings.length)}
    ${list('What changed, worst first', columns, changed.length)}
  `
}

function list(title: string, items: readonly Markup[], all: number): Markup {
  if (items.length === 0) return nothing
  const more = all > items.length ? markup`<p class="soft">and ${all - items.length} more</p>` : nothing
  return markup`<h2>${title}</h2><ul class="why">${items}</ul>${more}`
}

function linked(finding: Finding, anchors: ReadonlyMap<string, string>): Markup {
  const anchor = finding.column === null ? undefined : anchors.get(finding.column)
  return anchor === undefined ? markup`${finding.sentence}` : markup`<a href="#${anchor}">${finding.sentence}</a>`
}
