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
    { name: 'no_profile', view: 'customer_usage' },`,
    )
  })
  afterAll(() => project[Symbol.asyncDispose]())

  it('rows that the profile was made of have not drifted', async () => {
    expect(await project.json(0, 'drift', 'of_table')).toMatchObject({
      monitors: [{ status: 'ok', lookAt: [], windows: [{ rows: 640, from: null }] }],
    })
    expect(await project.json(0, 'drift', 'one_column')).toMatchObject({ monitors: [{ status: 'ok' }] })
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

  it.each([
    ['no_column', 'CONFIG_INVALID', 'Did you mean customer_usage__kwh_7d?'],
    ['of_model', 'LOG_EMPTY', 'martlet serve'],
    ['no_profile', 'PROFILE_NOT_FOUND', 'next_day_training'],
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
