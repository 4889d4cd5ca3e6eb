import type { Finding } from '../../../verdict/result.ts'
import { markup, nothing, type Markup } from '../../markup.ts'
import { severityTag } from '../../words.ts'
import { shortList } from '../short-list.ts'
import type { Page } from '../page.ts'

/** Faults of the data itself, which explain most drift. */
export function dataFaults({ latest, rows }: Page): Markup {
  const findings = (latest?.findings ?? []).filter(({ severity }) => severity !== 'none')
  if (findings.length === 0) return nothing
  const anchors = new Map(rows.map(({ column, anchor }) => [column.name, anchor]))
  const items = findings.map(
    (finding) => markup`<li>${severityTag(finding.severity)}<span>${linked(finding, anchors)}</span></li>`,
  )
  return markup`<section><h2>Faults in the data</h2>${shortList(items, 'why')}</section>`
}

function linked(finding: Finding, anchors: ReadonlyMap<string, string>): Markup {
  const anchor = finding.column === null ? undefined : anchors.get(finding.column)
  return anchor === undefined ? markup`${finding.sentence}` : markup`<a href="#${anchor}">${finding.sentence}</a>`
}
