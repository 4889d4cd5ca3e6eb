import { byNeed, monitorState, type MonitorSummary } from '@martlet/drift'
import type { Desk } from '../../desk/desk.ts'
import type { KnownMonitor, MonitorReport, MonitorReports } from '../../desk/monitors/monitor-reports.ts'
import { notFound } from '../../desk/not-found.ts'
import { authorize } from '../../desk/principal.ts'
import { Problem } from '../../desk/problem.ts'
import { shown } from '../../desk/shown.ts'
import type { Answer, Exchange } from '../../http/exchange.ts'
import type { ProtocolRoute } from '../protocol.ts'
import { GUARDED, inPath, inQuery } from '../route-parts.ts'
import { refuseUnknown } from '../unknown-fields.ts'
import { z } from 'zod'
import { monitorAnswer, monitorsAnswer, type MonitorAnswer, type MonitorEntry } from './monitor-answers.ts'
import { wantsHtml } from './wants-html.ts'

const HTML = 'text/html; charset=utf-8'
const FORMATS = ['json', 'html'] as const

/** The routes that show what monitors found. */
export function monitorRoutes(desk: Desk): readonly ProtocolRoute[] {
  const common = { group: 'monitors', method: 'GET', scope: 'monitors:read' } as const
  const monitor = inPath('A monitor')
  return [
    {
      ...common,
      id: 'monitors',
      path: '/v1/monitors',
      summary: 'All monitors with a report, what needs a person first',
      parameters: {},
      answer: monitorsAnswer,
      problems: [...GUARDED, 404],
      handle: async (exchange) => JSON.stringify({ monitors: await entriesFor(exchange, desk) }),
    },
    {
      ...common,
      id: 'monitor',
      path: '/v1/monitors/:monitor',
      summary: 'One monitor: verdict, faults of the data, causes, what to do, and its windows',
      parameters: { monitor },
      answer: monitorAnswer,
      problems: [...GUARDED, 404],
      handle: async (exchange) => JSON.stringify(answerOf(await monitorFor(exchange, desk), nowOf(desk))),
    },
    {
      ...common,
      id: 'monitorReport',
      path: '/v1/monitors/:monitor/report',
      summary: 'The report of a monitor’s last run, as JSON or as a page for people',
      description: 'Without `format`, the header `Accept` decides; JSON unless it prefers `text/html`.',
      parameters: { monitor, format: inQuery('`json` or `html`', z.enum(FORMATS)) },
      answer: 'application/json',
      alsoAnswers: [HTML],
      problems: [400, ...GUARDED, 404],
      handle: (exchange) => reportAnswer(exchange, desk),
    },
  ]
}

async function entriesFor({ principal }: Exchange, desk: Desk): Promise<readonly MonitorEntry[]> {
  const now = nowOf(desk)
  const all = await requireReports(desk).list()
  return all
    .map(({ summary }) => summary)
    .filter(({ monitor }) => principal.maySee('monitor', monitor))
    .toSorted(byNeed(now))
    .map((summary) => entryOf(summary, now))
}

function entryOf(summary: MonitorSummary, now: Date): MonitorEntry {
  const { monitor, status, severity, sentence, since, evaluatedAt, profile, windows } = summary
  const latest = windows.at(-1)
  return {
    name: monitor,
    state: monitorState(summary, now),
    status,
    severity,
    sentence,
    since,
    evaluatedAt,
    profile,
    window: latest === undefined ? null : { from: latest.from, to: latest.to, rows: latest.rows },
  }
}

function answerOf({ summary, actions, findings, causes }: KnownMonitor, now: Date): MonitorAnswer {
  return { ...entryOf(summary, now), actions, findings, causes, windows: summary.windows }
}

async function reportAnswer(exchange: Exchange, desk: Desk): Promise<Answer> {
  const query = exchange.call.query()
  refuseUnknown(query, ['format'])
  const format = query['format']?.[0]
  if (format !== undefined && !FORMATS.some((one) => one === format)) {
    const detail = `format must be json or html, not ${shown(format)}.`
    throw new Problem(400, 'FORMAT_UNKNOWN', detail, { path: 'format' })
  }
  const report = await reportFor(exchange, desk)
  const page = format === undefined ? wantsHtml(exchange.call.header('accept')) : format === 'html'
  const headers = { vary: 'Accept' }
  if (!page) return { status: 200, body: report.json, contentType: 'application/json', headers }
  const policy = "default-src 'none'; style-src 'unsafe-inline'"
  const body = report.html()
  return { status: 200, body, contentType: HTML, headers: { ...headers, 'content-security-policy': policy } }
}

/** The monitor in the path, if the caller may see it. */
function monitorFor(exchange: Exchange, desk: Desk): Promise<KnownMonitor> {
  return foundFor(exchange, desk, (reports, name) => reports.find(name))
}

/** The report of the monitor in the path, if the caller may see it. */
function reportFor(exchange: Exchange, desk: Desk): Promise<MonitorReport> {
  return foundFor(exchange, desk, (reports, name) => reports.report(name))
}

async function foundFor<Found>(
  { call, principal }: Exchange,
  desk: Desk,
  find: (reports: MonitorReports, name: string) => Promise<Found | undefined>,
): Promise<Found> {
  const reports = requireReports(desk)
  const name = call.param('monitor')
  authorize(principal, 'monitors:read', 'monitor', name)
  const found = await find(reports, name)
  if (found !== undefined) return found
  const names = (await reports.list()).map(({ summary }) => summary.monitor)
  throw notFound(
    'monitor',
    name,
    names.filter((one) => principal.maySee('monitor', one)),
  )
}

/**
 * The reports of a desk.
 *
 * @throws Problem `NO_MONITORS` (404) when the server was started without them
 */
function requireReports({ monitors }: Desk): MonitorReports {
  if (monitors !== undefined) return monitors
  const detail = 'This server shows no monitors. It was started without the folder of their reports.'
  throw new Problem(404, 'NO_MONITORS', detail)
}

function nowOf({ now }: Desk): Date {
  return new Date(Number(now() / 1000n))
}
