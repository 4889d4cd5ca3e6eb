import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Warehouse } from '@martlet/warehouse'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import {
  monitorState,
  monitorSummary,
  readMonitors,
  recordDrift,
  toIndex,
  type MonitorSummary,
  type Severity,
  type Status,
} from '../../src/index.ts'
import { simulated } from '../simulated.ts'

const now = new Date('2026-03-01T06:00:00Z')
const day = (date: number): string => new Date(Date.UTC(2026, 1, date)).toISOString()

function summary(monitor: string, severities: readonly Severity[], more: Partial<MonitorSummary> = {}): MonitorSummary {
  const windows = severities.map((severity, i) => ({
    from: day(i + 20),
    to: day(i + 21),
    rows: 1200,
    status: statusOf(severity),
    severity,
    sentence: `Verdict ${severity}.`,
  }))
  const severity = severities.at(-1) ?? 'none'
  return {
    monitor,
    evaluatedAt: '2026-03-01T05:00:00.000Z',
    profile: 'p',
    status: windows.at(-1)?.status ?? 'no_data',
    severity,
    sentence: `Verdict ${severity}.`,
    since: null,
    windows,
    ...more,
  }
}

function statusOf(severity: Severity): Status {
  if (severity === 'crit') return 'drift'
  return severity === 'warn' ? 'warn' : 'ok'
}

const all = [
  summary('quiet', ['none', 'none', 'none']),
  summary('few', ['none'], { status: 'too_few_rows' }),
  summary('warned', ['none', 'none', 'warn'], { since: day(22) }),
  summary('old_alert', ['crit', 'crit', 'crit'], { since: day(20) }),
  summary('new_alert', ['none', 'none', 'crit'], { since: day(22) }),
  summary('empty', ['none'], { status: 'no_data' }),
  summary('waits', ['none'], { status: 'late' }),
  summary('stopped', ['none', 'none', 'none'], { evaluatedAt: '2026-02-23T05:00:00.000Z' }),
]

describe('the index page', () => {
  const html = toIndex(all, { now })

  it('lists what needs a person first, and of alike alerts the newest', () => {
    const order = [...html.matchAll(/<th scope="row"><a href="([\w.]+)\.html">/g)].map(([, name]) => name)
    expect(order).toEqual(['new_alert', 'old_alert', 'stopped', 'warned', 'empty', 'few', 'waits', 'quiet'])
    expect(html).toContain('<h1>5 of 8 monitors need a person.</h1>')
    expect(html).toContain('2 Drift · 1 Silent · 1 Warning · 1 No rows · 1 Not evaluated · 1 Waiting · 1 OK')
  })
  it('says when a silent monitor ran last, and since when one alerts', () => {
    expect(html).toContain('Last run 2026-02-23 05:00 UTC')
    expect(html).toContain('Alerting since 2026-02-22')
  })
  it('has no script, fetches nothing, is the same again, and draws every window', () => {
    expect(html).not.toMatch(/<script|javascript:|\son\w+=|https?:|url\(|@import|NaN|undefined|null/i)
    expect(toIndex(all.toReversed(), { now })).toBe(html)
    expect(html).toContain('aria-label="3 of 3 windows alerted"')
  })
  it('escapes names and sentences, also in links', () => {
    const hostile = summary('"><img src=x onerror=alert(1)>', ['crit'], { sentence: '<b>\u202e' })
    const page = toIndex([hostile], { now })
    expect(page).not.toContain('<img')
    expect(page).not.toContain('<b>')
    expect(page).toContain('href="%22%3E%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E.html"')
  })
  it('of a hundred monitors with sixty windows each stays under 300 kB', () => {
    const many = Array.from({ length: 100 }, (_, i) =>
      summary(
        `monitor_of_the_service_${i}`,
        Array.from({ length: 60 }, (_w, w) => (w % 7 === i % 7 ? 'crit' : 'none')),
      ),
    )
    expect(Buffer.byteLength(toIndex(many, { now }))).toBeLessThan(300_000)
  })
  it('of no monitor says so, and has no link where there is no report', () => {
    expect(toIndex([], { now })).toContain('No monitor has run yet.')
    expect(toIndex(all, { now, reportOf: () => null })).not.toContain('<a ')
  })
})

describe('a monitor is silent', () => {
  const of = (hours: number, evaluatedAt: string): MonitorSummary => {
    const from = new Date(Date.parse(day(25)) - hours * 3_600_000).toISOString()
    const window = { from, to: day(25), rows: 1, status: 'ok', severity: 'none', sentence: '' } as const
    return { ...summary('m', ['none']), evaluatedAt, windows: [window] }
  }
  it('after two days without a run, or three windows if they are longer', () => {
    const ago = (days: number): string => new Date(now.getTime() - days * 86_400_000).toISOString()
    expect(monitorState(of(1, ago(1.9)), now)).toBe('ok')
    expect(monitorState(of(1, ago(2.1)), now)).toBe('silent')
    expect(monitorState(of(168, ago(20)), now)).toBe('ok')
    expect(monitorState(of(168, ago(22)), now)).toBe('silent')
  })
})

describe('recorded windows', () => {
  let warehouse: Warehouse
  beforeAll(async () => {
    warehouse = await openTestWarehouse()
  })
  afterAll(() => warehouse.close())

  it('are read back as the summaries of their results, the latest of each monitor', async () => {
    expect(await readMonitors(warehouse)).toEqual([])
    const first = simulated(5, 3)
    const second = { ...simulated(5, 2), monitor: 'another' }
    await recordDrift(warehouse, first)
    await recordDrift(warehouse, second)
    const summaries = [monitorSummary(second), monitorSummary(first)]
    expect(await readMonitors(warehouse)).toEqual(summaries.map((one) => ({ ...one, sentence: latestOf(one) })))
    const short = await readMonitors(warehouse, { windows: 1 })
    expect(short.map(({ windows }) => windows)).toEqual(summaries.map(({ windows }) => windows.slice(-1)))
  })
})

const latestOf = ({ windows }: MonitorSummary): string => windows.at(-1)?.sentence ?? ''
