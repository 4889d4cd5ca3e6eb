import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seededProject, type TestProject } from '../run-martlet.ts'
import { startReceiver } from './receiver.ts'

interface Posted {
  readonly title: string
  readonly messages: readonly { readonly event: string; readonly subject: string; readonly report: string | null }[]
}

describe('alerts of a project', () => {
  let project: TestProject
  let receiver: Awaited<ReturnType<typeof startReceiver>>
  beforeAll(async () => {
    receiver = await startReceiver()
    process.env['ALERT_TEST_HOOK'] = `${receiver.url}/hunter2`
    project = await seededProject()
    await project.json(0, 'apply', '--yes')
    await project.json(0, 'materialize')
    await project.json(0, 'training-set', 'next_day_training')
    await project.edit(
      'martlet.config.ts',
      'monitors: [',
      `alerts: {
    channels: { ops: { webhook: { urlFrom: 'ALERT_TEST_HOOK' } } },
    quality: ['ops'],
    freshness: ['ops'],
    reportUrl: 'https://reports.test/drift/',
  },
  monitors: [
    { name: 'of_table', table: 'mart.changed', profile: 'next_day_training', time: 'predict_at', ignore:
      ['customer_id', 'spine_row'], alert: ['ops'] },
    { name: 'no_profile', view: 'customer_usage', alert: ['ops'] },`,
    )
    await project.write(
      'change.ts',
      `import { loadProject } from 'martlet'
import { sql } from '@martlet/warehouse'
await using project = await loadProject()
await (await project.warehouse()).run(sql.raw(process.argv[2]))
`,
    )
    await change(
      'CREATE TABLE mart.changed AS SELECT * REPLACE (customer_usage__kwh_7d + 100 AS customer_usage__kwh_7d) FROM training.next_day_training',
    )
  })
  afterAll(async () => {
    delete process.env['ALERT_TEST_HOOK']
    await project[Symbol.asyncDispose]()
    await receiver[Symbol.asyncDispose]()
  })

  const change = async (statement: string): Promise<void> => {
    const { code, stderr } = await project.nodeWith('change.ts', statement)
    if (code !== 0) throw new Error(stderr)
  }
  /** What was posted since it was last asked. */
  const told = (): readonly string[] =>
    receiver.received.splice(0).flatMap(({ body }) => {
      const { messages } = JSON.parse(body) as Posted
      return messages.map(({ event, subject, report }) => `${event} ${subject}${report === null ? '' : ` ${report}`}`)
    })

  it('tells when a monitor begins to alert, once, with a link to the report', async () => {
    await project.json(1, 'drift', 'of_table')
    expect(told()).toEqual(['alert drift:of_table https://reports.test/drift/of_table.html'])
    await project.json(1, 'drift', 'of_table')
    expect(told()).toEqual([])
    expect(await project.json(0, 'monitors')).toMatchObject({
      monitors: [
        { name: 'of_table', status: 'drift', incident: 1, alertingSince: expect.any(String), acknowledged: null },
        { name: 'no_profile', status: null, alertingSince: null },
        {},
      ],
    })
  })

  it('a muted column does not alert, and stays in the report with the reason', async () => {
    const mute = ['monitors', 'mute', 'of_table', 'customer_usage__kwh_7d', '--until', '2d', '--reason', 'new meters']
    await project.json(0, ...mute)
    expect(await project.json(0, 'drift', 'of_table', '--format', 'markdown', '--format', 'json')).toMatchObject({
      monitors: [{ status: 'ok' }],
    })
    expect(told()).toEqual(['recovered drift:of_table https://reports.test/drift/of_table.html'])
    expect(await project.read('reports/of_table.json')).toMatch(/Muted until \d{4}-\d\d-\d\d by \S+: new meters/)
    expect(await project.json(0, 'monitors')).toMatchObject({
      monitors: [{ status: 'ok', muted: [{ column: 'customer_usage__kwh_7d', reason: 'new meters' }] }, {}, {}],
    })
    await project.json(0, 'monitors', 'unmute', 'of_table', 'customer_usage__kwh_7d')
    expect(await project.json(1, 'monitors', 'unmute', 'of_table', 'customer_usage__kwh_7d')).toMatchObject({
      error: { code: 'COLUMN_NOT_MUTED' },
    })
  })

  it('while it is acknowledged nobody is told; without alerts nothing changes', async () => {
    await project.json(1, 'drift', 'of_table', '--no-alerts')
    expect(told()).toEqual([])
    await project.json(0, 'monitors', 'ack', 'of_table', '--until', '2d', '--reason', 'known')
    await project.json(1, 'drift', 'of_table')
    expect(told()).toEqual([])
    expect(await project.json(0, 'monitors')).toMatchObject({
      monitors: [{ incident: 2, acknowledged: { reason: 'known', by: expect.any(String) } }, {}, {}],
    })
    expect((await project.martlet('monitors')).stdout.replace(/\s+/g, ' ')).toContain('acknowledged until')
    expect(await project.json(1, 'monitors', 'ack', 'no_profile', '--until', '2d', '--reason', 'x')).toMatchObject({
      error: { code: 'MONITOR_NEVER_RAN' },
    })
    expect(
      await project.json(64, 'monitors', 'ack', 'of_table', '--until', '2020-01-01', '--reason', 'x'),
    ).toMatchObject({
      error: { code: 'USAGE' },
    })
  })

  it('a monitor that cannot be evaluated alerts, and the others are evaluated', async () => {
    expect(await project.json(3, 'drift')).toMatchObject({ error: { code: 'PROFILE_NOT_FOUND' } })
    expect(told()).toEqual(['alert drift:no_profile https://reports.test/drift/no_profile.html'])
    expect(await project.json(0, 'monitors')).toMatchObject({
      monitors: [{}, { status: 'not_evaluable', sentence: expect.stringContaining('PROFILE_NOT_FOUND') }, {}],
    })
  })

  it('failed checks and stale facts are told of, and that they are right again', async () => {
    await project.martlet('check')
    expect(told()).toEqual(['alert freshness:customer_usage'])
    await change('INSERT INTO mart.usage SELECT NULL, ts, kwh FROM mart.usage LIMIT 2')
    expect(await project.json(1, 'check')).toMatchObject({ errors: 1 })
    expect(told().filter((one) => one.includes('customer_usage'))).toEqual(['alert quality:customer_usage'])
    await change('DELETE FROM mart.usage WHERE customer_id IS NULL')
    await project.martlet('check')
    expect(told().filter((one) => one.includes('customer_usage'))).toEqual(['recovered quality:customer_usage'])
    const failed = 'INSERT INTO mart.usage SELECT NULL, max(ts) + INTERVAL 25 HOUR, 1 FROM mart.usage'
    await change(failed)
    await project.martlet('materialize')
    expect(told()).toContain('alert quality:customer_usage')
    await change('DELETE FROM mart.usage WHERE customer_id IS NULL')
    await project.json(0, 'materialize')
    expect(told()).toContain('recovered quality:customer_usage')
  })

  it('what could not be delivered waits, and is said without the address; it can be sent later', async () => {
    receiver.answer = () => 404
    await project.json(0, 'monitors', 'mute', 'of_table', 'customer_usage__kwh_7d', '--until', '2d', '--reason', 'x')
    await project.json(0, 'drift', 'of_table')
    await project.json(0, 'monitors', 'unmute', 'of_table', 'customer_usage__kwh_7d')
    const run = await project.martlet('drift', 'of_table')
    expect(run.code).toBe(1)
    expect(run.stderr).toContain('could not be delivered and waits: it answered 404')
    expect(run.stderr).not.toContain('hunter2')
    expect(await project.json(0, 'alerts', '--limit', '1')).toMatchObject({
      alerts: [{ state: 'waiting', error: 'it answered 404', attempts: 1, title: 'Monitor of_table alerts' }],
    })
    expect(await project.json(1, 'alerts', 'test', 'ops')).toMatchObject({ error: { code: 'ALERT_NOT_DELIVERED' } })
    receiver.answer = () => 200
    told()
    expect(await project.json(0, 'alerts', 'send')).toMatchObject({ waiting: 1 })
    expect(await project.json(0, 'alerts', 'test', 'ops')).toMatchObject({ channel: 'ops' })
    expect(told()).toEqual(['test test'])
    expect(await project.json(1, 'alerts', 'test', 'nobody')).toMatchObject({ error: { code: 'CHANNEL_UNKNOWN' } })
  })

  it('channels that do not exist, and values that are no names of variables, are refused', async () => {
    await project.edit('martlet.config.ts', "freshness: ['ops']", "freshness: ['nobody']")
    expect(await project.json(1, 'monitors')).toMatchObject({
      error: { code: 'CONFIG_INVALID', message: expect.stringContaining('alerts.freshness[0]') },
    })
    await project.edit('martlet.config.ts', "freshness: ['nobody']", "freshness: ['ops']")
    await project.edit('martlet.config.ts', "urlFrom: 'ALERT_TEST_HOOK'", "urlFrom: 'https://hooks.test/hunter2'")
    const refused = await project.martlet('monitors')
    expect(refused.stderr).toContain('alerts.channels.ops.webhook.urlFrom')
    expect(refused.stderr).not.toContain('hunter2')
  })
})
