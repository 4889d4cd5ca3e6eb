import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seededProject, type TestProject } from './run-martlet.ts'

describe('monitors and removed views', () => {
  let project: TestProject
  beforeAll(async () => {
    project = await seededProject()
    await project.json(0, 'apply', '--yes')
    await project.json(0, 'materialize')
    await project.json(0, 'training-set', 'next_day_training')
    await project.edit(
      'martlet.config.ts',
      'monitors: [',
      `monitors: [
    { name: 'of_view', view: 'customer_usage', profile: 'next_day_training' },
    { name: 'of_table', table: 'training.next_day_training', profile: 'next_day_training', time: 'predict_at', ignore:
      ['customer_id', 'spine_row'] },
    { name: 'one_column', table: 'training.next_day_training', profile: 'next_day_training', ignore: ['customer_id',
      'spine_row', 'predict_at', 'customer_usage__kwh_1d', 'next_day_kwh'], columns: ['customer_usage__kwh_7d'] },
    { name: 'no_column', view: 'customer_usage', profile: 'next_day_training', columns: ['customer_usage__kwh_7'] },
    { name: 'of_model', model: 'next_day_kwh', profile: 'next_day_training' },
    { name: 'no_profile', view: 'customer_usage' },
    { name: 'with_rows', table: 'training.next_day_training', profile: 'next_day_training', time: 'predict_at', ignore:
      ['customer_id', 'spine_row'], referenceRows: 'training.next_day_training' },
    { name: 'no_rows', view: 'customer_usage', profile: 'next_day_training', referenceRows: 'training.nothing' },
    { name: 'other_rows', view: 'customer_usage', profile: 'next_day_training', referenceRows: 'features.customer_usage' },
    { name: 'no_table', table: 'mart.nothing', time: 'ts', window: '1d', reference: { trailing: '7d' } },
    { name: 'estimated', table: 'scored.usage', profile: 'scored', window: '7d', windows: 2, time: 'predict_at', estimate: true },
    { name: 'not_calibrated', table: 'training.next_day_training', profile: 'next_day_training', estimate: true },`,
    )
  })
  afterAll(() => project[Symbol.asyncDispose]())

  it('rows that the profile was made of have not drifted', async () => {
    expect(await project.json(0, 'drift', 'of_table')).toMatchObject({
      monitors: [{ status: 'ok', lookAt: [], windows: [{ rows: 640, from: null }] }],
    })
    expect(await project.json(0, 'drift', 'one_column')).toMatchObject({ monitors: [{ status: 'ok' }] })
  })

  it('with the rows of the profile, all columns together are compared', async () => {
    const jointOf = async (monitor: string): Promise<unknown> => {
      await project.json(0, 'drift', monitor)
      const { windows } = JSON.parse(await readFile(project.path('reports', `${monitor}.json`), 'utf8')) as {
        readonly windows: readonly { readonly joint?: unknown }[]
      }
      return windows[0]?.joint
    }
    expect(await jointOf('of_table')).toBeUndefined()
    expect(await jointOf('with_rows')).toMatchObject({ severity: 'none', rows: { reference: 640, current: 640 } })
  })

  it('a report is written in the formats that are asked for', async () => {
    const asked = await project.json(0, 'drift', 'one_column', '--format', 'junit', '--format', 'prometheus')
    expect(asked).toMatchObject({
      monitors: [
        {
          files: {
            junit: expect.stringMatching(/one_column\.xml$/),
            prometheus: expect.stringMatching(/one_column\.prom$/),
          },
        },
      ],
    })
    expect(await project.json(64, 'drift', 'one_column', '--format', 'pdf')).toMatchObject({
      error: { code: 'USAGE', message: expect.stringContaining('html, json, markdown, junit, prometheus') },
    })
  })

  it('an index page over all monitors is written beside pages, with links to those that are there', async () => {
    const { index } = (await project.json(0, 'drift', 'one_column')) as { index: string }
    expect(index).toMatch(/index\.html$/)
    const page = await readFile(index, 'utf8')
    expect(page).toContain('<a href="one_column.html">')
    expect(await project.json(0, 'drift', 'one_column', '--format', 'json')).toMatchObject({ index: null })
  })

  it('a view is compared by its own columns of the profile', async () => {
    expect(await project.json(0, 'drift', 'of_view', '--window', '14d')).toMatchObject({
      monitors: [{ windows: [{ rows: 280 }] }],
    })
  })

  it('a spine that asks for few instants, and for customers that are not there, makes no findings of a service', async () => {
    await project.write(
      'sparse.sql',
      `SELECT customer_id, predict_at FROM training.next_day_training WHERE EXTRACT(day FROM predict_at) % 4 = 0
UNION ALL SELECT 'nobody_' || customer_id, predict_at FROM training.next_day_training WHERE EXTRACT(day FROM predict_at) % 16 = 0`,
    )
    await project.json(
      0,
      'training-set',
      'next_day',
      '--spine',
      'sparse.sql',
      '--time',
      'predict_at',
      '--into',
      'training.sparse',
      '--profile',
      'sparse',
    )
    await project.edit(
      'martlet.config.ts',
      'monitors: [',
      "monitors: [{ name: 'of_sparse', service: 'next_day', profile: 'sparse', window: '7d', windows: 2 },",
    )
    expect(await project.json(0, 'drift', 'of_sparse')).toMatchObject({
      monitors: [
        {
          status: 'ok',
          windows: [{ rows: 140 }, { rows: 140, sentence: expect.stringMatching(/^No change that matters/) }],
        },
      ],
    })
  })

  it('a monitor shows the performance that a calibrated profile lets it estimate', async () => {
    await project.write(
      'calibrate.ts',
      `import { loadProject } from 'martlet'
import { calibrateLoss, profileReference, storeProfile, withCalibration } from '@martlet/drift'
import { sql } from '@martlet/warehouse'
await using project = await loadProject()
const warehouse = await project.warehouse()
await warehouse.run(sql\`CREATE SCHEMA scored\`)
await warehouse.run(sql\`CREATE TABLE scored.usage AS
  SELECT predict_at, customer_usage__kwh_1d AS kwh, customer_usage__kwh_1d AS prediction, next_day_kwh
  FROM training.next_day_training\`)
const columns = [{ name: 'kwh', type: 'double' }, { name: 'prediction', type: 'double', role: 'prediction' }]
const profile = await profileReference(warehouse, { name: 'scored', relation: 'scored.usage', columns, time: 'predict_at' })
const calibration = await calibrateLoss(warehouse, {
  relation: 'scored.usage', prediction: 'prediction', label: 'next_day_kwh', features: ['kwh'], time: 'predict_at',
})
await storeProfile(warehouse, withCalibration(profile, calibration))
await warehouse.run(sql\`ALTER TABLE scored.usage DROP COLUMN next_day_kwh\`)
`,
    )
    expect(await project.node('calibrate.ts')).toMatchObject({ code: 0 })
    const { monitors } = (await project.json(0, 'drift', 'estimated')) as { monitors: { windows: object[] }[] }
    expect(monitors[0]?.windows).toMatchObject([
      { estimate: { rows: 140, assumption: { verdict: 'untested' } } },
      { estimate: { rows: 140, metrics: [{ metric: 'mae', change: 'same', realised: null }, { metric: 'rmse' }] } },
    ])
    const shown = await project.martlet('drift', 'estimated')
    expect(shown.stdout.replace(/\s+/g, ' ')).toMatch(/Estimated without labels: mean absolute error [\d.]+ \(/)
    expect(shown.stdout).toContain('concept drift')
    expect(await project.json(3, 'drift', 'not_calibrated')).toMatchObject({ error: { code: 'CALIBRATION_MISSING' } })
  })

  it.each([
    ['no_column', 'CONFIG_INVALID', 'Did you mean customer_usage__kwh_7d?'],
    ['of_model', 'LOG_EMPTY', 'martlet serve'],
    ['no_profile', 'PROFILE_NOT_FOUND', 'next_day_training'],
    ['no_rows', 'TABLE_NOT_FOUND', 'the reference rows training.nothing'],
    ['other_rows', 'CONFIG_INVALID', 'which lack column customer_usage__kwh_1d of profile'],
    ['no_table', 'TABLE_NOT_FOUND', 'Monitor no_table reads mart.nothing'],
  ])('%s: %s, which could not be evaluated', async (monitor, code, says) => {
    expect(await project.json(3, 'drift', monitor)).toMatchObject({
      ok: false,
      error: { code, message: expect.stringContaining(says) },
    })
  })

  it('the rows of a removed view go when that is allowed, from the warehouse and online', async () => {
    await project.write(
      'definitions.ts',
      `import { entity, fact, featureView } from '@martlet/feature-store'
import { z } from 'zod'
const customer = entity('customer', { customer_id: z.string() })
const usage = fact('mart.usage', { columns: { customer_id: z.string(), ts: z.date(), kwh: z.number() }, entities:
  [customer], eventTime: 'ts' })
export const other = featureView('other', { of: customer, from: usage, every: '1d', features: (f) => ({ kwh: f.sum('kwh').over('1d') }) })
`,
    )
    const refused = await project.martlet('apply', '--yes')
    expect(refused.code).toBe(1)
    expect(refused.stderr.replace(/\s+/g, ' ')).toContain('view customer_usage')
    expect(refused.stderr).toContain('--allow-drop')
    expect(await project.json(0, 'apply', '--yes', '--allow-drop')).toMatchObject({ dropped: ['customer_usage'] })
    await project.write(
      'look.ts',
      `import { loadProject } from 'martlet'
await using project = await loadProject()
console.log(await (await project.warehouse()).introspect('features.customer_usage'), await (await project.online()).count('customer_usage'))
`,
    )
    expect(await project.node('look.ts')).toMatchObject({ stdout: 'undefined 0\n' })
  })
})
