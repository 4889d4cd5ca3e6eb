import { entity, fact, featureService, featureView } from '@martlet/feature-store'
import { openDuckDb } from '@martlet/warehouse'
import { z } from 'zod'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkConfig } from '../../src/config/check-config.ts'
import { profileFor } from '../../src/monitor/profile-for.ts'
import { seededProject, type TestProject } from '../run-martlet.ts'

describe('the reference of a monitor in the configuration', () => {
  const given = {
    warehouse: { duckdb: 'a.duckdb' },
    catalog: { sqlite: 'a.sqlite' },
    online: 'memory',
    artifacts: { folder: 'artifacts' },
    definitions: {},
  }
  const check = (monitor: object): void =>
    checkConfig({ ...given, monitors: [{ name: 'm', service: 's', window: '7d', ...monitor }] }, 'martlet.config.ts')

  it.each<[object, string]>([
    [{ reference: { trailing: '28d', yearAgo: true } }, 'is one of trailing, yearAgo and windows'],
    [{ reference: { trailing: '28 days' } }, "must be a length of time such as '28d'"],
    [{ reference: { match: ['day'] } }, "must be 'weekday', 'hour' or 'month'"],
    [{ reference: { match: ['hour', 'hour'] } }, 'names a season twice'],
    [{ reference: { every: '7d' } }, 'has every without windows'],
    [{ reference: { around: 4 } }, 'has around without yearAgo'],
    [{ reference: { match: ['hour'], zone: 'Mars/Olympus' } }, 'must be an IANA time zone'],
    [{ reference: {} }, 'is empty'],
    [{ reference: { trailling: '28d' } }, 'trailling: there is no such key'],
    [{ reference: { windows: 1001 } }, 'reference.windows'],
    [{ windows: 1001 }, 'windows'],
    [{ window: undefined, reference: { windows: 8 } }, 'has no window'],
    [{ weight: 7 }, 'weight'],
    [{ service: undefined, parity: { model: 'a' }, weight: 'exposure' }, 'has a weight'],
  ])('refuses %j', (monitor, says) => {
    expect(() => check(monitor)).toThrow(says)
  })

  it('takes the column by which rows count', () => {
    expect(() => check({ weight: 'exposure' })).not.toThrow()
  })

  it.each<object>([
    { match: ['weekday', 'hour'], zone: 'Europe/Zurich' },
    { trailing: '28d', match: ['weekday'] },
    { yearAgo: 'date' },
    { yearAgo: true, around: 4 },
    { windows: 8, every: '7d' },
  ])('takes %j', (reference) => {
    expect(() => check({ reference })).not.toThrow()
  })
})

describe('the columns of a monitor that looks back without a stored profile', () => {
  it('know what they are computed from, so that a cause can be named', async () => {
    await using warehouse = await openDuckDb()
    const meter = entity('meter', { meter_id: z.string() })
    const readings = fact('mart.readings', {
      columns: { meter_id: z.string(), ts: z.date(), kwh: z.number() },
      entities: [meter],
      eventTime: 'ts',
    })
    const usage = featureView('usage', {
      of: meter,
      from: readings,
      every: '1d',
      features: (f) => ({ kwh: f.sum('kwh').over('1d') }),
    })
    const { plan } = featureService('next_day', [usage])
    const profile = await profileFor(
      warehouse,
      { name: 'm', service: 'next_day', window: '7d', reference: { trailing: '28d' } },
      plan,
    )
    expect(profile.columns.map(({ name, sources }) => [name, sources])).toEqual([
      ['usage__kwh_1d', [{ table: 'mart.readings', columns: ['kwh'], level: true }]],
    ])
  })
})

describe('monitors that compare with the right past', () => {
  let project: TestProject
  beforeAll(async () => {
    project = await seededProject()
    await project.edit(
      'martlet.config.ts',
      "time: 'predict_at',",
      "time: 'predict_at', profile: { seasons: ['weekday'] },",
    )
    await project.edit(
      'martlet.config.ts',
      'monitors: [',
      `monitors: [
    { name: 'of_service', service: 'customer_card', window: '2d', windows: 1, reference: { windows: 8 } },
    { name: 'of_view', view: 'customer_usage', window: '2d', windows: 2, reference: { trailing: '14d' } },
    { name: 'of_table', table: 'training.next_day_training', time: 'predict_at', ignore: ['customer_id', 'spine_row'],
      window: '7d', windows: 1, reference: { windows: 1 } },
    { name: 'of_weekdays', service: 'next_day', profile: 'next_day_training', window: '2d', windows: 1,
      reference: { match: ['weekday'] } },`,
    )
    for (const args of [['apply', '--yes'], ['materialize'], ['training-set', 'next_day_training']])
      await project.json(0, ...args)
  }, 300_000)
  afterAll(() => project[Symbol.asyncDispose]())

  it('earlier rows of a service, a view and a table need no stored profile; a profile with seasons serves by season', async () => {
    const { code, stdout } = await project.martlet('drift')
    // The labels of the last day are not known yet; the other four have nothing to say.
    expect({ code, warnings: stdout.match(/^\w+ \w+: Nulls .*/gm) }).toEqual({
      code: 2,
      warnings: ['warn of_table: Nulls in next_day_kwh went from 0 % to 14.3 %. Nothing else changed.'],
    })
    expect(stdout.match(/Compared with .*/g)).toEqual([
      'Compared with the 8 windows before it: 320 rows; floors learnt from 8 reference windows.',
      'Compared with the 14d before it: 280 rows; floors learnt from 7 reference windows.',
      'Compared with the window before it: 140 rows. It is one window, so how much such windows usually',
      'Compared with the stored profile, rows of the same weekday: 200 rows.',
    ])
  }, 120_000)
})
