import { mkdir, mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { profileReference, storeProfile } from '@martlet/drift'
import { entity, fact, featureView } from '@martlet/feature-store'
import { sql } from '@martlet/warehouse'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { alertsCommand, sendAlerts, testAlert } from '../../src/command/alerts.ts'
import { check } from '../../src/command/check.ts'
import { drift } from '../../src/command/drift.ts'
import { materializeCommand } from '../../src/command/materialize.ts'
import { acknowledge, monitorsCommand, mute, unmute } from '../../src/command/monitors.ts'
import { apply } from '../../src/command/plan-apply.ts'
import type { CommandContext } from '../../src/command/run-command.ts'
import { checkConfig } from '../../src/config/check-config.ts'
import { defineConfig, openProject, type Project } from '../../src/index.ts'
import type { Outcome } from '../../src/terminal/outcome.ts'
import { openTerminal } from '../../src/terminal/terminal.ts'
import { startReceiver } from './receiver.ts'

const customer = entity('customer', { customer_id: z.string() })
const usage = fact('mart.usage', {
  columns: { customer_id: z.string(), ts: z.date(), kwh: z.number().nonnegative() },
  entities: [customer],
  eventTime: 'ts',
})
const view = featureView('customer_usage', {
  of: customer,
  from: usage,
  every: '1d',
  features: (f) => ({ kwh: f.sum('kwh').over('1d') }),
})
const places = {
  warehouse: { duckdb: ':memory:' },
  catalog: { sqlite: 'catalog.sqlite' },
  online: 'memory',
  artifacts: { folder: 'artifacts' },
} as const
const config = defineConfig({
  ...places,
  definitions: { views: [view] },
  monitors: [
    { name: 'usage_drift', table: 'mart.now', profile: 'usage', alert: ['ops'] },
    { name: 'no_profile', table: 'mart.now', alert: ['ops'] },
  ],
  alerts: {
    channels: { ops: { webhook: { urlFrom: 'ALERT_TEST_HOOK' } } },
    quality: ['ops'],
    freshness: ['ops'],
    reportUrl: 'https://reports.test/drift/?team=grid',
  },
})

let folder: string
let project: Project
let receiver: Awaited<ReturnType<typeof startReceiver>>
let context: CommandContext
const notes: string[] = []
const said: string[] = []
const why = { until: '2d', reason: 'new meters' }
const range = { store: false }

beforeAll(async () => {
  receiver = await startReceiver()
  vi.stubEnv('ALERT_TEST_HOOK', `${receiver.url}/hunter2`)
  folder = await mkdtemp(join(tmpdir(), 'martlet-alerts-'))
  project = openProject(config, { folder })
  const terminal = {
    ...openTerminal({}),
    say: (text: string) => void said.push(text),
    note: (text: string) => void notes.push(text),
  }
  context = {
    terminal,
    signal: new AbortController().signal,
    configPath: undefined,
    waiting: undefined,
    exporting: (work) => work(),
    configFile: async () => '',
    project: async () => project,
  }
  const warehouse = await project.warehouse()
  await warehouse.run(sql`CREATE SCHEMA mart`)
  await warehouse.run(
    sql`CREATE TABLE mart.usage AS
      SELECT 'c' || i % 5 AS customer_id, CAST(now() AT TIME ZONE 'UTC' AS TIMESTAMP) - to_hours(i + 1) AS ts, i % 7 + 0.5 AS kwh
      FROM range(240) AS t(i)`,
  )
  await warehouse.run(sql`CREATE TABLE mart.now AS SELECT i * 7919 % 1000 / 100.0 AS kwh FROM range(500) AS t(i)`)
  const columns = [{ name: 'kwh', type: 'double' as const }]
  await storeProfile(warehouse, await profileReference(warehouse, { name: 'usage', relation: 'mart.now', columns }))
  await apply(context, { yes: true })
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await project.close()
  await receiver[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

const run = async (statement: string): Promise<unknown> => (await project.warehouse()).run(sql.raw(statement))
const usageDrift = (options: { readonly alerts?: boolean } = {}): Promise<Outcome> =>
  drift(context, 'usage_drift', { format: ['json'], alerts: true, ...options })
const materialize = (): Promise<Outcome> => materializeCommand(context, [], { publish: true })
const shift = (kwh: number): Promise<unknown> => run(`UPDATE mart.now SET kwh = kwh + ${kwh}`)
const stateOf = async (subject: string): Promise<unknown> =>
  ((await monitorsCommand(context)).data['monitors'] as readonly { readonly subject: string }[]).find(
    (one) => one.subject === subject,
  )

/** What was posted since it was last asked. */
function told(): readonly string[] {
  return receiver.received.splice(0).flatMap(({ body }) => {
    const { messages } = JSON.parse(body) as {
      readonly messages: readonly { readonly event: string; readonly subject: string; readonly report: string | null }[]
    }
    return messages.map(({ event, subject, report }) => `${event} ${subject}${report === null ? '' : ` ${report}`}`)
  })
}
const link = 'https://reports.test/drift/usage_drift.html?team=grid'

it('a monitor tells once that it begins to alert, with a link to its report, and once that it has recovered', async () => {
  expect((await usageDrift()).exitCode).toBe(0)
  expect(told()).toEqual([])
  await shift(50)
  expect((await usageDrift()).exitCode).toBe(1)
  expect(told()).toEqual([`alert drift:usage_drift ${link}`])
  expect(notes.at(-1)).toBe('alert to ops: Monitor usage_drift alerts')
  await usageDrift()
  expect(told()).toEqual([])
  expect(await stateOf('drift:usage_drift')).toMatchObject({
    status: 'drift',
    incident: 1,
    badRuns: 2,
    alertingSince: expect.any(String),
    configured: true,
    acknowledged: null,
    muted: [],
  })
  await shift(-50)
  await usageDrift()
  expect(told()).toEqual([`recovered drift:usage_drift ${link}`])
  expect(await stateOf('drift:usage_drift')).toMatchObject({ status: 'ok', alertingSince: null })
})

it('a muted column does not alert, and stays in the report with who muted it, why and until when', async () => {
  await shift(50)
  await mute(context, 'usage_drift', 'kwh', why)
  expect((await usageDrift()).exitCode).toBe(0)
  expect(told()).toEqual([])
  const report = await readFile(join(folder, 'reports/usage_drift.json'), 'utf8')
  expect(report).toMatch(/Muted until \d{4}-\d\d-\d\d by [^:]+: new meters/)
  expect(await stateOf('drift:usage_drift')).toMatchObject({ muted: [{ column: 'kwh', reason: 'new meters' }] })
  await unmute(context, 'usage_drift', 'kwh', {})
  await expect(unmute(context, 'usage_drift', 'kwh', {})).rejects.toMatchObject({ code: 'COLUMN_NOT_MUTED' })
  await (
    await project.catalog()
  ).db
    .insertInto('muted_columns')
    .values({
      subject: 'drift:usage_drift',
      column_name: 'kwh',
      until_time: '2026-01-01T00:00:00.000000Z',
      reason: 'over',
      muted_by: 'ann',
      muted_at: '2025-01-01T00:00:00.000000Z',
    })
    .execute()
  expect((await usageDrift({ alerts: false })).exitCode).toBe(1)
  expect(told()).toEqual([])
})

it('a muted kind of finding does not alert, whatever column it is about', async () => {
  await shift(-50)
  await run('UPDATE mart.now SET kwh = NULL WHERE rowid % 2 = 0')
  const finding = 'nullRate'
  await mute(context, 'usage_drift', undefined, { ...why, finding })
  expect((await usageDrift()).exitCode).toBe(0)
  expect(told()).toEqual([])
  expect(await stateOf('drift:usage_drift')).toMatchObject({ muted: [{ finding, reason: 'new meters' }] })
  expect((await monitorsCommand(context)).text).toContain('muted: nullRate')
  // A column of the same name is another mute.
  await expect(unmute(context, 'usage_drift', finding, {})).rejects.toMatchObject({ code: 'COLUMN_NOT_MUTED' })
  await unmute(context, 'usage_drift', undefined, { finding })
  expect((await usageDrift({ alerts: false })).exitCode).toBe(1)
  for (const [column, what, says] of [
    [undefined, undefined, '--finding volume'],
    ['kwh', finding, 'a column, or'],
    [undefined, 'nulRate', 'Did you mean nullRate?'],
    [undefined, 'noRows', 'monitors ack'],
  ] as const)
    await expect(
      mute(context, 'usage_drift', column, { ...why, ...(what === undefined ? {} : { finding: what }) }),
    ).rejects.toMatchObject({ code: 'USAGE', message: expect.stringContaining(says) })
  await run('UPDATE mart.now SET kwh = (rowid * 7919) % 1000 / 100.0')
  await shift(50)
})

it('a mute of a column that the monitor does not have is said', async () => {
  await mute(context, 'usage_drift', 'kw', why)
  notes.length = 0
  await usageDrift({ alerts: false })
  expect(notes).toContain('usage_drift mutes column kw, which it does not have')
  await unmute(context, 'usage_drift', 'kw', {})
  notes.length = 0
  await usageDrift({ alerts: false })
  expect(notes).toEqual([])
})

it('nobody is told of what is acknowledged', async () => {
  await acknowledge(context, 'usage_drift', why)
  expect((await usageDrift()).exitCode).toBe(1)
  expect(told()).toEqual([])
  expect(await stateOf('drift:usage_drift')).toMatchObject({
    incident: 2,
    acknowledged: { reason: 'new meters', by: expect.any(String) },
  })
  const { text } = await monitorsCommand(context)
  expect(text.replaceAll(/\s+/g, ' ')).toContain('acknowledged until')
  await expect(acknowledge(context, 'no_profile', why)).rejects.toMatchObject({ code: 'MONITOR_NEVER_RAN' })
  await expect(acknowledge(context, 'usage_drif', why)).rejects.toMatchObject({
    code: 'MONITOR_UNKNOWN',
    message: expect.stringContaining('usage_drift'),
  })
  await expect(acknowledge(context, 'usage_drift', { ...why, until: '2020-01-01' })).rejects.toMatchObject({
    code: 'USAGE',
  })
  for (const until of ['99999999d', `${'9'.repeat(400)}d`, '+010000-01-01', 'soon'])
    for (const command of [
      acknowledge(context, 'usage_drift', { ...why, until }),
      mute(context, 'usage_drift', 'kwh', { ...why, until }),
    ])
      await expect(command, until).rejects.toMatchObject({
        name: 'MartletError',
        message: expect.stringContaining('--until'),
      })
  for (const reason of ['', ' \n'])
    for (const command of [
      acknowledge(context, 'usage_drift', { ...why, reason }),
      mute(context, 'usage_drift', 'kwh', { ...why, reason }),
    ])
      await expect(command).rejects.toMatchObject({ code: 'USAGE', message: expect.stringContaining('--reason') })
  await shift(-50)
  await usageDrift()
  // It was acknowledged before anybody was told.
  expect(told()).toEqual([])
  expect(await stateOf('drift:usage_drift')).toMatchObject({ acknowledged: null, alertingSince: null })
})

it('a monitor that cannot be evaluated alerts, and the others are evaluated', async () => {
  await shift(50)
  notes.length = 0
  said.length = 0
  await expect(drift(context, undefined, { alerts: true })).rejects.toMatchObject({ code: 'PROFILE_NOT_FOUND' })
  expect(notes.filter((note) => note.includes('evaluated'))).toEqual([
    expect.stringMatching(/^no_profile could not be evaluated: PROFILE_NOT_FOUND: There is no .* no_profile/),
  ])
  expect(said.map((text) => text.replaceAll(/\s+/g, ' '))).toEqual([expect.stringMatching(/^drift usage_drift: /)])
  expect(told()).toEqual([
    `alert drift:usage_drift ${link}`,
    'alert drift:no_profile https://reports.test/drift/no_profile.html?team=grid',
  ])
  expect(await stateOf('drift:no_profile')).toMatchObject({
    status: 'not_evaluable',
    sentence: 'It could not be evaluated: PROFILE_NOT_FOUND.',
  })
})

it('somebody is told although the index of reports cannot be written, which is an error', async () => {
  const index = join(folder, 'reports/index.html')
  await rm(index)
  await mkdir(index)
  await shift(-50)
  await expect(drift(context, 'usage_drift', { alerts: true })).rejects.toMatchObject({
    code: 'PLACE_UNWRITABLE',
    data: { file: index },
  })
  expect(told()).toEqual([`recovered drift:usage_drift ${link}`])
  await rm(index, { recursive: true })
  await shift(50)
  await usageDrift()
  expect(told()).toEqual([`alert drift:usage_drift ${link}`])
})

it('whoever reads a report while it is written again reads the whole of the one before', async () => {
  const report = join(folder, 'reports/usage_drift.json')
  const before = await readFile(report, 'utf8')
  await using reader = await open(report)
  await shift(50)
  await usageDrift()
  expect(await reader.readFile('utf8')).toBe(before)
  expect(await readFile(report, 'utf8')).not.toBe(before)
  await shift(-50)
  await usageDrift()
  told()
})

it('failed checks and late views are told of, and that they are right again', async () => {
  await check(context, [], range)
  expect(told()).toEqual(['alert freshness:customer_usage'])
  await materialize()
  expect(told()).toEqual(['recovered freshness:customer_usage'])
  await run("INSERT INTO mart.usage SELECT NULL, now() AT TIME ZONE 'UTC' - INTERVAL 1 DAY, 1")
  expect((await check(context, ['mart.usage'], range)).exitCode).toBe(1)
  expect(told()).toEqual([])
  await check(context, [], range)
  expect(told()).toEqual(['alert quality:customer_usage'])
  await expect(materialize()).rejects.toMatchObject({ code: 'QUALITY_FAILED' })
  const { schema } = (await project.catalog()).db
  await schema.alterTable('alert_states').renameTo('away').execute()
  await expect(materialize()).rejects.toMatchObject({ code: 'QUALITY_FAILED' })
  expect(notes.at(-1)).toMatch(/^alerts: .*alert_states/)
  await schema.alterTable('away').renameTo('alert_states').execute()
  await run('DELETE FROM mart.usage WHERE customer_id IS NULL')
  await materialize()
  // A run of materialize refused it last, so it may take that back.
  expect(told()).toEqual(['recovered quality:customer_usage'])
  await run("INSERT INTO mart.usage SELECT 'c1', now() AT TIME ZONE 'UTC' - INTERVAL 6 DAY, -1")
  await check(context, [], range)
  expect(told()).toEqual(['alert quality:customer_usage'])
  await materialize()
  // It looks at new rows only.
  expect(told()).toEqual([])
  await run('DELETE FROM mart.usage WHERE kwh < 0')
  await check(context, [], range)
  expect(told()).toEqual(['recovered quality:customer_usage'])
})

it('what could not be delivered waits, and is said without the address; it is delivered later', async () => {
  await shift(-50)
  receiver.answer = () => 404
  expect((await usageDrift()).exitCode).toBe(0)
  expect(notes.at(-1)).toBe('alert to ops could not be delivered and waits: it answered 404')
  expect(notes.join()).not.toContain('hunter2')
  expect((await alertsCommand(context, { limit: '1' })).data).toMatchObject({
    alerts: [{ state: 'waiting', error: 'it answered 404', attempts: 1, title: 'Monitor usage_drift is quiet again' }],
  })
  await expect(testAlert(context, 'ops')).rejects.toMatchObject({
    code: 'ALERT_NOT_DELIVERED',
    message: 'The test message to ops was not delivered: it answered 404.',
  })
  vi.stubEnv('ALERT_TEST_HOOK', '')
  await expect(testAlert(context, 'ops')).rejects.toMatchObject({
    code: 'ALERT_NOT_DELIVERED',
    message: expect.stringMatching(/ALERT_TEST_HOOK.*[^.]\.$/),
  })
  vi.stubEnv('ALERT_TEST_HOOK', `${receiver.url}/hunter2`)
  await expect(testAlert(context, 'nobody')).rejects.toMatchObject({ code: 'CHANNEL_UNKNOWN' })
  receiver.answer = () => 200
  told()
  await testAlert(context, 'ops')
  expect(told()).toEqual(['test test'])
  expect((await sendAlerts(context)).data).toEqual({ sent: 0, failed: 0, waiting: 1 })
  const { db } = await project.catalog()
  await db.updateTable('alert_outbox').set({ not_before: '2026-01-01T00:00:00.000000Z' }).execute()
  expect((await sendAlerts(context)).data).toEqual({ sent: 1, failed: 0, waiting: 0 })
  expect(told()).toEqual([`recovered drift:usage_drift ${link}`])
})

it('says why a message waits', async () => {
  const given = (alerts: object): CommandContext => {
    const other: Project = { ...project, config: { ...config, alerts: { ...config.alerts, ...alerts } } }
    return { ...context, project: async () => other }
  }
  const limited = given({ rateLimit: { deliveries: 1, per: '1d' } })
  await shift(50)
  await drift(limited, 'usage_drift', { format: ['json'], alerts: true })
  expect(told()).toEqual([])
  const { data, text } = await alertsCommand(limited, { limit: '1' })
  expect(data).toMatchObject({ alerts: [{ state: 'waiting', waitsFor: 'rateLimit' }] })
  expect(text.replaceAll(/\s+/g, ' ')).toContain('waiting: rate limit of 1 in 1d')
  expect((await alertsCommand(given({ channels: {} }), { limit: '1' })).data).toMatchObject({
    alerts: [{ waitsFor: 'channel' }],
  })
  expect((await sendAlerts(context)).data).toMatchObject({ sent: 1, waiting: 0 })
  expect((await alertsCommand(context, { limit: '1' })).data).toMatchObject({ alerts: [{ waitsFor: null }] })
})

it.each([
  [{ freshness: ['nobody'] }, 'alerts.freshness[0]: there is no channel "nobody"'],
  [{ channels: { ops: {} } }, 'alerts.channels.ops: must have exactly one of'],
  [{ channels: { ops: { slack: { urlFrom: 'https://hooks.test/hunter2' } } } }, 'alerts.channels.ops.slack.urlFrom'],
  [{ channels: { ops: { email: { host: 'h', from: 'a@b.test', to: ['a@b.test'], user: 'u' } } } }, 'passwordFrom'],
  [{ reportUrl: 'file:///reports' }, 'alerts.reportUrl'],
])('refuses %j', (alerts, says) => {
  const given = { ...places, definitions: {}, alerts }
  const problem = (): void => checkConfig(given, 'martlet.config.ts')
  expect(problem).toThrow(says)
  expect(problem).not.toThrow('hunter2')
})
