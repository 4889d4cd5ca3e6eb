import type { DriftResult } from '../../../verdict/result.ts'
import { grouped } from '../../../verdict/wording.ts'
import { markup, nothing, type Markup } from '../../markup.ts'
import { instant, span, statusTag } from '../../words.ts'
import type { Page } from '../page.ts'

/** The verdict, since when, and what was compared with what. */
export function verdict({ result, latest }: Page): Markup {
  const { time, rows } = result.profile
  const reference: readonly (readonly [string, string])[] =
    latest?.parity !== undefined
      ? []
      : [
          ['Reference', `${grouped(rows)} rows`],
          ['Reference time', time === null ? '–' : `${time.from.slice(0, 10)} to ${time.to.slice(0, 10)}`],
        ]
  const facts: readonly (readonly [string, string])[] = [
    ['Window', latest === undefined ? '–' : span(latest.from, latest.to)],
    ['Rows', latest === undefined ? '–' : grouped(latest.rows)],
    ...reference,
  ]
  const what = latest?.parity !== undefined ? 'Parity' : latest?.performance === undefined ? 'Drift' : 'Performance'
  return markup`
    <header class="verdict is-${result.exitCode === 3 ? 'unknown' : result.severity}">
      <p class="over">${statusTag(result.status)}<span>${what} of ${result.monitor}</span></p>
      <h1>${result.sentence}</h1>
      ${sinceWords(result)}
      <dl>${facts.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
    </header>
  `
}

function sinceWords({ since, windows }: DriftResult): Markup {
  if (since === null || windows.length === 1) return nothing
  const alerting = windows.filter(({ from }) => from !== null && from >= since).length
  const words =
    alerting === windows.length
      ? `${alerting === 2 ? 'Both' : `All ${alerting}`} windows alert, from ${instant(since)} on.`
      : alerting === 1
        ? 'The first window that alerts.'
        : `The ${ordinal(alerting)} window in a row that alerts, since ${instant(since)}.`
  return markup`<p>${words}</p>`
}

function ordinal(count: number): string {
  const [ten, one] = [count % 100, count % 10]
  const ending = ten > 10 && ten < 14 ? 'th' : one === 1 ? 'st' : one === 2 ? 'nd' : one === 3 ? 'rd' : 'th'
  return `${count}${ending}`
}
