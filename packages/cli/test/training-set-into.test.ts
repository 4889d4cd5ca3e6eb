import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { seededProject, type TestProject } from './run-martlet.ts'

// Each step starts a process.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })

const built = z.object({
  table: z.string(),
  profile: z.string().nullable(),
  manifestFile: z.string(),
  manifest: z.object({ rows: z.number() }),
})
const registered = z.object({ version: z.object({ trainingSet: z.object({ rows: z.number() }) }) })

describe('the manifest is that of the rows in the table', () => {
  let project: TestProject
  const build = async (...args: string[]): Promise<z.infer<typeof built>> =>
    built.parse(await project.json(0, 'training-set', ...args))
  const manifest = (name: string): Promise<string> =>
    readFile(project.path('.martlet/artifacts/training-sets', `${name}.json`), 'utf8')
  const rows = async (name: string): Promise<number> =>
    z.object({ rows: z.number() }).parse(JSON.parse(await manifest(name))).rows
  beforeAll(async () => {
    project = await seededProject()
    await project.write(
      'few.sql',
      `SELECT * FROM (${await readFile(project.path('spine.sql'), 'utf8')}) AS rows LIMIT 40`.replaceAll(';', ''),
    )
    await build('next_day_training')
  })
  afterAll(() => project[Symbol.asyncDispose]())

  it('another table has a manifest and a profile of its own', async () => {
    const before = await manifest('next_day_training')
    expect(await rows('next_day_training')).toBe(640)
    const other = await build('next_day_training', '--spine', 'few.sql', '--into', 'training.other')
    expect(other).toMatchObject({ table: 'training.other', profile: 'other', manifest: { rows: 40 } })
    expect(await rows('other')).toBe(40)
    expect(await manifest('next_day_training')).toBe(before)
    const elsewhere = await build(
      'next_day_training',
      '--spine',
      'few.sql',
      '--into',
      'elsewhere.a/b',
      '--profile',
      'mine',
    )
    expect(elsewhere).toMatchObject({ table: 'elsewhere.a/b', profile: 'mine' })
    expect(elsewhere.manifestFile).toMatch(/training-sets\/elsewhere\.a%2Fb\.json$/)
  })

  it('register takes over the manifest of the rows it is told', async () => {
    expect((await project.node('train.ts')).code).toBe(0)
    const register = async (name: string): Promise<number> => {
      const files = [
        '--onnx',
        'model.onnx',
        '--service',
        'next_day',
        '--golden',
        'golden.json',
        '--metrics',
        'metrics.json',
      ]
      const answer = await project.json(
        0,
        'models',
        'register',
        `model_${name.length}`,
        ...files,
        '--training-set',
        name,
      )
      return registered.parse(answer).version.trainingSet.rows
    }
    expect([await register('next_day_training'), await register('other'), await register('elsewhere.a/b')]).toEqual([
      640, 40, 40,
    ])
  })

  it('a table that is replaced from elsewhere takes its manifest along, whatever the case of its name', async () => {
    const spine = ['--spine', 'few.sql', '--time', 'predict_at']
    const replaced = await build('next_day', ...spine, '--into', 'Training.Next_Day_Training')
    expect([replaced.profile, await rows('next_day_training')]).toEqual(['next_day_training', 40])
  })

  it('two sets cannot be configured to replace one table', async () => {
    const twin =
      "{ name: 'twin', service: 'next_day', spine: 'few.sql', time: 'predict_at', into: 'Training.next_day_training' }"
    await project.edit('martlet.config.ts', 'trainingSets: [', `trainingSets: [${twin}, `)
    expect(await project.json(1, 'status')).toMatchObject({
      error: {
        code: 'CONFIG_INVALID',
        message: expect.stringContaining('trainingSets[1].into: next_day_training would replace the rows of twin'),
      },
    })
  })
})
