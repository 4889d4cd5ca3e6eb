import type { DriftResult, Finding, WindowResult } from '../verdict/result.ts'
import { grouped } from '../verdict/wording.ts'
import { changedColumns, columnDetails, columnTable, orderedRows } from './html/columns.ts'
import { windowStrip } from './html/history.ts'
import { markup, nothing } from './html/markup.ts'
import type { Markup } from './html/markup.ts'
import { style } from './html/style.ts'
import { instant, severityTag, span, statusTag } from './html/words.ts'

/**
 * A result as one HTML page: no script, nothing fetched, for light and dark screens and for paper. The same result gives the
 * same bytes.
 */
export function toHtml(result: DriftResult): string {
  const latest = result.windows.at(-1)
  const rows = latest === undefined ? [] : orderedRows(result, latest)
  const columns = rows.length === 0 ? nothing : markup`${columnTable(result, rows)}${columnDetails(result, rows)}`
  const title = `${result.monitor}: ${result.sentence}`
  const page = markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${title}</title><style>${{ markup: style }}</style></head>
<body><main>
${overview(result, latest)}
${latest === undefined ? nothing : why(latest, rows)}
${windowStrip(result.windows)}
${columns}
${footer(result)}
</main></body></html>
`
  return page.markup
}

function overview(result: DriftResult, latest: WindowResult | undefined): Markup {
  const facts: (readonly [string, string])[] = [
    ['Window', latest === undefined ? '–' : span(latest.from, latest.to)],
    ['Rows', latest === undefined ? '–' : grouped(latest.rows)],
    ['Reference', `${grouped(result.profile.rows)} rows`],
    [
      'Reference time',
      result.profile.time === null
        ? '–'
        : `${result.profile.time.from.slice(0, 10)} to ${result.profile.time.to.slice(0, 10)}`,
    ],
    ['Alerting since', result.since === null ? '–' : instant(result.since)],
  ]
  return markup`<div class="over">${statusTag(result.status)}<span>Drift of ${result.monitor}</span></div><h1>${result.sentence}</h1>${sinceWords(result)}<dl>${facts.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`
}

function sinceWords(result: DriftResult): Markup {
  if (result.since === null) return nothing
  const windows = result.windows.filter(
    ({ from }) => from !== null && result.since !== null && from >= result.since,
  ).length
  const words =
    windows === 1
      ? 'The first window that alerts.'
      : `The ${ordinal(windows)} window in a row that alerts, since ${instant(result.since)}.`
  return result.windows.length === 1 ? nothing : markup`<p class="soft">${words}</p>`
}

function ordinal(count: number): string {
  const [ten, one] = [count % 100, count % 10]
  const ending = ten > 10 && ten < 14 ? 'th' : one === 1 ? 'st' : one === 2 ? 'nd' : one === 3 ? 'rd' : 'th'
  return `${count}${ending}`
}

function why(latest: WindowResult, rows: ReturnType<typeof orderedRows>): Markup {
  const anchors = new Map(rows.map(({ column, anchor }) => [column.name, anchor]))
  const told = latest.findings.filter(({ severity }) => severity !== 'none')
  const changed = changedColumns(rows)
  if (told.length === 0 && changed.length === 0) return nothing
  const most = 12
  const quality = told
    .slice(0, most)
    .map((finding) => markup`<li>${severityTag(finding.severity)}<span>${linked(finding, anchors)}</span></li>`)
  const columns = changed
    .slice(0, most)
    .map(
      ({ name, severity, sentence }) =>
        markup`<li>${severityTag(severity)}<span><a href="#${anchors.get(name) ?? ''}">${name}</a> ${sentence}</span></li>`,
    )
  return markup`${list('The data itself', quality, told.length)}${list('What changed, worst first', columns, changed.length)}`
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

function footer(result: DriftResult): Markup {
  const { policy } = result
  const floors = `PSI ${policy.floors.psi.warn} / ${policy.floors.psi.crit}, robust Wasserstein ${policy.floors.wassersteinRobust.warn} / ${policy.floors.wassersteinRobust.crit} σ, KS ${policy.floors.ks.warn} / ${policy.floors.ks.crit}, JS distance ${policy.floors.jsDistance.warn} / ${policy.floors.jsDistance.crit}`
  return markup`<footer>A column changed when an effect, with chance taken off, reaches its floor (warning / critical: ${floors}) and its false-discovery-controlled chance is below ${policy.alpha}. Evaluated ${instant(result.evaluatedAt)} against profile ${result.profile.name} of ${instant(result.profile.createdAt)}. Exit code ${result.exitCode}.</footer>`
}
