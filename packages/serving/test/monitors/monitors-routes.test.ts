import { mkdir, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { toHtml, toJson, type DriftResult } from '@martlet/drift'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { driftResultOf } from '../../src/desk/monitors/drift-result.ts'
import { monitorReports, type MonitorReport } from '../../src/desk/monitors/monitor-reports.ts'
import { createMonitorsClient, hashApiKey, type ApiKey, type ServingApp } from '../../src/index.ts'
import { monitorAnswer, monitorsAnswer } from '../../src/protocol/monitors/monitor-answers.ts'
import { temporaryFolder } from '../support/backing.ts'
import { serveEnergy } from '../support/serve.ts'
import { resultOf } from './result.ts'

const key = (name: string, more: Partial<ApiKey> = {}): ApiKey => ({
  name,
  sha256: hashApiKey(`key of ${name}`),
  scopes: ['monitors:read'],
  ...more,
})
const auth = {
  keys: [
    key('ann'),
    key('reader', { scopes: ['features:read', 'catalog:read'] }),
    key('narrow', { scopes: ['monitors:read:monitor/quiet*'] }),
    key('of one service', { services: ['next_day'] }),
    key('of one service, and one monitor', { services: ['next_day'], scopes: ['monitors:read:monitor/quiet'] }),
  ],
}
const as = (name: string): Record<string, string> => ({ authorization: `Bearer key of ${name}` })

let folder: string
let app: ServingApp
const failures: unknown[] = []
beforeEach(async () => {
  const place = await temporaryFolder()
  folder = join(place, 'reports')
  await mkdir(folder)
  await writeFile(join(folder, 'quiet.json'), toJson(resultOf('quiet')))
  await writeFile(join(folder, 'warned.json'), toJson(resultOf('warned', 'warn')))
  await writeFile(join(folder, 'drifted.json'), toJson(resultOf('drifted', 'crit')))
  // What is no report of a monitor: text, another shape, a file that is too large, a link out of the folder, a folder.
  await writeFile(join(folder, 'text.json'), 'not JSON')
  await writeFile(join(folder, 'other.json'), '{"monitor":"other"}')
  await writeFile(join(folder, 'large.json'), '{')
  await truncate(join(folder, 'large.json'), 40_000_000)
  await writeFile(join(place, 'secret.json'), toJson(resultOf('secret')))
  await symlink(join(place, 'secret.json'), join(folder, 'secret.json'))
  await mkdir(join(folder, 'folder.json'))
  failures.length = 0
  app = await serveEnergy({
    auth,
    reports: { folder },
    now: () => BigInt(Date.parse('2026-05-28T12:00:00Z')) * 1000n,
    onError: ({ error }) => failures.push(error),
  })
  return () => app.close()
})

/** What a report has; undefined when there is none. */
const resultIn = (report: MonitorReport | undefined): DriftResult | undefined =>
  report === undefined ? undefined : driftResultOf(report.json)

const get = (path: string, name = 'ann', headers: Record<string, string> = {}): Promise<Response> =>
  Promise.resolve(app.request(path, { headers: { ...as(name), ...headers } }))

describe('monitors over HTTP', () => {
  test('are listed, what needs a person first, and what is no report is passed over and told once', async () => {
    const answer = monitorsAnswer.parse(await (await get('/v1/monitors')).json())
    expect(answer.monitors.map(({ name, state }) => [name, state])).toEqual([
      ['drifted', 'critical'],
      ['warned', 'warning'],
      ['quiet', 'ok'],
    ])
    await get('/v1/monitors')
    expect(failures.map(String)).toEqual([
      expect.stringContaining('large.json'),
      expect.stringContaining('other.json'),
      expect.stringContaining('text.json'),
    ])
  })

  test('one of them says what changed, what to do and how its windows were', async () => {
    const answer = monitorAnswer.parse(await (await get('/v1/monitors/drifted')).json())
    expect(answer).toMatchObject({
      since: '2026-05-27T00:00:00.000Z',
      causes: [{ head: 'kwh' }],
      actions: ['Look at kwh: it moved furthest.'],
      window: { rows: 50 },
    })
    expect(answer.windows.map(({ severity }) => severity)).toEqual(['none', 'none', 'crit'])
  })

  test('the report is JSON, or a page where the caller prefers one', async () => {
    const result = resultOf('drifted', 'crit')
    const report = '/v1/monitors/drifted/report'
    expect(await (await get(report)).text()).toBe(toJson(result))
    const browser = await get(report, 'ann', { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' })
    expect(browser.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(browser.headers.get('content-security-policy')).toBe("default-src 'none'; style-src 'unsafe-inline'")
    expect(browser.headers.get('vary')).toContain('Accept')
    expect(await browser.text()).toBe(toHtml(result))
    expect(await (await get(`${report}?format=html`)).text()).toBe(toHtml(result))
    const both = { accept: 'text/html;q=0.4, application/json;q=0.5' }
    expect((await get(report, 'ann', both)).headers.get('content-type')).toMatch(/^application\/json/)
    expect((await get(`${report}?format=json`, 'ann', { accept: 'text/html' })).headers.get('content-type')).toMatch(
      /^application\/json/,
    )
    const refused = await get(`${report}?format=pdf`)
    expect([refused.status, await refused.json()]).toEqual([400, expect.objectContaining({ code: 'FORMAT_UNKNOWN' })])
    expect((await get(`${report}?fromat=html`)).status).toBe(400)
  })

  test('a report that has not changed is not read through again by every request', async () => {
    const text = toJson(resultOf('quiet'))
    const reports = monitorReports(folder, () => undefined, 0)
    await reports.list()
    const parse = vi.spyOn(JSON, 'parse')
    try {
      expect((await reports.report('quiet'))?.json).toBe(text)
      expect((await reports.find('quiet'))?.summary.monitor).toBe('quiet')
      expect(parse.mock.calls.filter(([given]) => given === text)).toEqual([])
      // The page is made of it, once.
      const pages = [await reports.report('quiet'), await reports.report('quiet')].map((report) => report?.html())
      expect(pages).toEqual([toHtml(resultOf('quiet')), toHtml(resultOf('quiet'))])
      expect(parse.mock.calls.filter(([given]) => given === text)).toHaveLength(1)
    } finally {
      parse.mockRestore()
    }
  })

  test('a name is never a path', async () => {
    for (const name of [
      '../secret',
      '..%2fsecret',
      'secret',
      '%2fetc%2fpasswd',
      'quiet.json',
      '..',
      'quiet%00',
      'x'.repeat(300),
    ])
      for (const rest of ['', '/report'])
        expect([name, (await get(`/v1/monitors/${name}${rest}`)).status]).toEqual([name, 404])
  })

  test('a key sees the monitors of its scope, and one for some services only those that are named', async () => {
    const names = async (name: string) =>
      monitorsAnswer.parse(await (await get('/v1/monitors', name)).json()).monitors.map((one) => one.name)
    expect(await names('narrow')).toEqual(['quiet'])
    expect(await names('of one service')).toEqual([])
    expect(await names('of one service, and one monitor')).toEqual(['quiet'])
    expect(await (await get('/v1/monitors/drifted', 'narrow')).json()).toMatchObject({ code: 'NAME_NOT_ALLOWED' })
    expect(await (await get('/v1/monitors/quiett', 'narrow')).json()).toMatchObject({
      code: 'MONITOR_UNKNOWN',
      suggestion: 'quiet',
    })
    expect(await (await get('/v1/monitors/quiett/report', 'of one service')).json()).toMatchObject({
      code: 'NAME_NOT_ALLOWED',
    })
    expect(await (await get('/v1/monitors', 'reader')).json()).toMatchObject({ code: 'SCOPE_MISSING' })
    expect((await app.request('/v1/monitors')).status).toBe(401)
  })

  test('the client is typed, and refusals are errors', async () => {
    const client = createMonitorsClient({
      url: 'http://localhost',
      apiKey: 'key of ann',
      fetch: (url, init) => app.request(url, init),
    })
    expect((await client.list()).monitors[0]?.name).toBe('drifted')
    expect((await client.get('warned')).causes[0]?.head).toBe('kwh')
    expect(await client.report('quiet')).toEqual(resultOf('quiet'))
    await expect(client.get('nope')).rejects.toMatchObject({ code: 'MONITOR_UNKNOWN', status: 404 })
  })

  test('a server without the folder says so, and a folder that is not there yet has no monitors', async () => {
    const without = await serveEnergy()
    expect(await (await without.request('/v1/monitors')).json()).toMatchObject({ code: 'NO_MONITORS', status: 404 })
    await without.close()
    const early = await serveEnergy({ reports: { folder: join(folder, 'later') } })
    expect(await (await early.request('/v1/monitors')).json()).toEqual({ monitors: [] })
    await early.close()
  })
})

test('a report that is written again is read again, and one that is gone is gone', async () => {
  const read: unknown[] = []
  const reports = monitorReports(folder, (error) => read.push(error), 0)
  const severity = async () => resultIn(await reports.report('quiet'))?.severity
  expect(await severity()).toBe('none')
  await writeFile(join(folder, 'quiet.json'), toJson(resultOf('quiet', 'crit')))
  await utimes(join(folder, 'quiet.json'), new Date(), new Date(Date.now() + 5000))
  expect(await severity()).toBe('crit')
  expect((await reports.list()).find(({ summary }) => summary.monitor === 'quiet')?.summary.severity).toBe('crit')
  await writeFile(join(folder, 'quiet.json'), '{}')
  expect(await severity()).toBeUndefined()
  expect(read).toHaveLength(4)
})

test('a report that was replaced since the folder was looked at is that of its monitor or none, never an error', async () => {
  const told: unknown[] = []
  const reports = monitorReports(folder, (error) => told.push(error), 60_000)
  expect(resultIn(await reports.report('quiet'))?.monitor).toBe('quiet')
  const before = told.length
  await writeFile(join(folder, 'quiet.json'), toJson(resultOf('secret')))
  expect(await reports.report('quiet')).toBeUndefined()
  await writeFile(join(folder, 'quiet.json'), toJson(resultOf('quiet')).slice(0, 100))
  expect(await reports.report('quiet')).toBeUndefined()
  await rm(join(folder, 'quiet.json'))
  expect(await reports.report('quiet')).toBeUndefined()
  // The next look at the folder tells of it, once.
  expect(told).toHaveLength(before)
})

test('a result without what answers are made of is passed over', async () => {
  const told: unknown[] = []
  const reports = monitorReports(folder, (error) => told.push(error), 0)
  const before = (await reports.list()).length
  const { windows, ...result } = resultOf('broken', 'crit')
  const lacking: readonly object[] = [
    { causes: [{ severity: 'crit', sentence: 'kwh: it fell.' }] },
    { findings: [{ severity: 'crit', sentence: 'No rows.' }] },
  ]
  for (const [index, less] of lacking.entries())
    await writeFile(
      join(folder, `broken${index}.json`),
      JSON.stringify({ ...result, windows: windows.map((window) => ({ ...window, ...less })) }),
    )
  expect(await reports.list()).toHaveLength(before)
  expect(told.map(String)).toEqual(
    expect.arrayContaining([0, 1].map((i) => expect.stringContaining(`broken${i}.json`))),
  )
})

test('of two reports of one monitor the newer is shown, whatever their names are', async () => {
  const older = { ...resultOf('quiet', 'crit'), evaluatedAt: '2026-05-20T03:00:00.000Z' }
  for (const copy of ['a copy.json', 'z copy.json']) await writeFile(join(folder, copy), toJson(older))
  const reports = monitorReports(folder, () => undefined, 0)
  for (const time of ['first', 'again'])
    expect([time, resultIn(await reports.report('quiet'))?.severity]).toEqual([time, 'none'])
  expect((await reports.list()).map(({ summary }) => summary.monitor)).toEqual(['drifted', 'quiet', 'warned'])
})
