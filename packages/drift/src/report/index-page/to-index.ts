import { grouped } from '../../verdict/wording.ts'
import { htmlPage } from '../html/html-page.ts'
import { breakable } from '../html/breakable.ts'
import { markup, nothing, type Markup } from '../markup.ts'
import type { MonitorSummary } from '../../verdict/monitor-summary.ts'
import { instant, span } from '../words.ts'
import { historyStrip } from './history-strip.ts'
import { byNeed, monitorState, needsPerson, STATES, type MonitorState } from './monitor-state.ts'

export interface IndexOptions {
  /** Decides which monitors have gone silent, and is shown. */
  readonly now: Date
  /** The address of a monitor's report, relative to the page; null: there is none. @default `<monitor>.html` */
  readonly reportOf?: (monitor: string) => string | null
}

const LOOKS: Readonly<Record<MonitorState, { readonly word: string; readonly sign: string; readonly css: string }>> = {
  critical: { word: 'Drift', sign: '◆', css: 'crit' },
  silent: { word: 'Silent', sign: '■', css: 'crit' },
  warning: { word: 'Warning', sign: '▲', css: 'warn' },
  noRows: { word: 'No rows', sign: '∅', css: 'warn' },
  notEvaluated: { word: 'Not evaluated', sign: '○', css: '' },
  waiting: { word: 'Waiting', sign: '…', css: '' },
  ok: { word: 'OK', sign: '✓', css: 'good' },
}

interface Listed {
  readonly summary: MonitorSummary
  readonly state: MonitorState
}

/**
 * All monitors on one HTML page, what needs a person first: state, verdict, since when, and a history of windows, with links
 * to the reports. No script, nothing fetched; the same summaries and the same instant give the same bytes.
 *
 * @example writeFileSync('reports/index.html', toIndex(await readMonitors(warehouse), { now: new Date() }))
 */
export function toIndex(monitors: readonly MonitorSummary[], options: IndexOptions): string {
  const order = byNeed(options.now)
  const { now, reportOf = (monitor) => `${encodeURIComponent(monitor)}.html` } = options
  const listed = monitors
    .map((summary): Listed => ({ summary, state: monitorState(summary, now) }))
    .toSorted((a, b) => order(a.summary, b.summary))
  const urgent = listed.filter(({ state }) => needsPerson(state))
  return htmlPage(`Monitors: ${headline(listed)}`, [
    markup`
      <header class="verdict is-${worstSeverity(urgent)}">
        <p class="over">Monitors</p>
        <h1>${headline(listed)}</h1>
        <p class="soft">${counts(listed)}</p>
      </header>
    `,
    listed.length === 0 ? nothing : table(listed, reportOf),
    markup`
      <footer>
        Sorted by what needs a person first, then by the newest alert. Silent: no run for three windows and two days.
        Written ${instant(now.toISOString())}.
      </footer>
    `,
  ])
}

function worstSeverity(urgent: readonly Listed[]): 'crit' | 'warn' | 'none' {
  if (urgent.some(({ state }) => state === 'critical' || state === 'silent')) return 'crit'
  return urgent.length > 0 ? 'warn' : 'none'
}

function headline(listed: readonly Listed[]): string {
  if (listed.length === 0) return 'No monitor has run yet.'
  const urgent = listed.filter(({ state }) => needsPerson(state)).length
  const unknown = listed.filter(({ state }) => state === 'notEvaluated').length
  const all = `${listed.length} ${listed.length === 1 ? 'monitor' : 'monitors'}`
  if (urgent > 0) return `${urgent} of ${all} ${urgent === 1 ? 'needs' : 'need'} a person.`
  if (unknown > 0) return `No alert, but ${unknown} of ${all} could not be evaluated.`
  return listed.length === 1 ? 'The monitor is quiet.' : `All ${all} are quiet.`
}

function counts(listed: readonly Listed[]): string {
  return STATES.flatMap((state) => {
    const count = listed.filter((one) => one.state === state).length
    return count === 0 ? [] : [`${count} ${LOOKS[state].word}`]
  }).join(' · ')
}

function table(listed: readonly Listed[], reportOf: (monitor: string) => string | null): Markup {
  return markup`
    <section>
      <p class="key">
        <span><i class="k"></i>critical</span>
        <span><i class="w"></i>warning</span>
        <span><i class="g"></i>no alert</span>
        <span>dashed: not evaluated</span>
      </p>
      <div class="scroll">
        <table class="monitors">
          <thead>
            <tr>
              <th scope="col">Monitor</th><th scope="col">State</th><th scope="col">Verdict</th>
              <th scope="col">History</th><th scope="col">Last window</th>
            </tr>
          </thead>
          <tbody>${listed.map((one) => line(one, reportOf(one.summary.monitor)))}</tbody>
        </table>
      </div>
    </section>
  `
}

function line({ summary, state }: Listed, href: string | null): Markup {
  const { monitor, sentence, since, windows, evaluatedAt } = summary
  const { word, sign, css } = LOOKS[state]
  const name = breakable(monitor)
  const latest = windows.at(-1)
  return markup`
    <tr>
      <th scope="row">${href === null ? name : markup`<a href="${href}">${name}</a>`}</th>
      <td><span class="tag ${css}">${sign} ${word}</span></td>
      <td>
        ${sentence}
        ${since === null ? nothing : markup`<small>Alerting since ${instant(since)}</small>`}
        ${state === 'silent' ? markup`<small>Last run ${instant(evaluatedAt)}</small>` : nothing}
      </td>
      <td>${historyStrip(windows)}</td>
      <td>
        ${latest === undefined ? '–' : span(latest.from, latest.to)}
        <small>${latest === undefined ? '' : `${grouped(latest.rows)} rows`}</small>
      </td>
    </tr>
  `
}
