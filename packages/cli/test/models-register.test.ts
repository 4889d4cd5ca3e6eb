import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readJson } from '../src/command/json-file.ts'
import { goldenRows, inputMapping } from '../src/command/register-files.ts'
import { emptyFolder, type TestProject } from './run-martlet.ts'

/** Echoes whole (int64), flag (bool), word (text) and real (float64). */
const echo = join(import.meta.dirname, '../../registry/test/fixtures/echo.onnx')

const stated = {
  profile__whole: { input: 'whole', nullAs: -1 },
  profile__flag: { input: 'flag', nullAs: false },
  profile__word: { input: 'word', nullAs: 'unknown' },
  profile__real: 'real',
}
const golden = {
  inputs: [
    [7, true, 'night', 0.5],
    { profile__whole: null, profile__flag: null, profile__word: null, profile__real: null },
  ],
  // null is NaN in an answer
  outputs: { whole_out: [7, -1], flag_out: [true, false], word_out: ['night', 'unknown'], real_out: [0.5, null] },
}

describe('models register takes what the SDK takes', () => {
  let project: TestProject
  beforeAll(async () => {
    project = await emptyFolder()
    await project.write(
      'martlet.config.ts',
      `import { defineConfig } from 'martlet'
export default defineConfig({
  warehouse: { duckdb: 'w.duckdb' }, catalog: { sqlite: 'c.sqlite' }, online: 'memory', artifacts: { folder: 'artifacts' },
  definitions: () => import('./definitions.ts'),
})
`,
    )
    await project.write(
      'definitions.ts',
      `import { entity, featureService, featureView, precomputed } from '@martlet/feature-store'
import { z } from 'zod'
const customer = entity('customer', { customer_id: z.string() })
const rows = precomputed('mart.profile', {
  columns: {
    customer_id: z.string(), at: z.date(),
    whole: z.int().nullable(), flag: z.boolean().nullable(), word: z.string().nullable(), real: z.number().nullable(),
  },
  entity: customer,
  time: 'at',
})
const profile = featureView('profile', {
  of: customer, from: rows, every: '1d',
  features: (f) => ({ whole: f.column('whole'), flag: f.column('flag'), word: f.column('word'), real: f.column('real') }),
})
export const card = featureService('card', [profile])
`,
    )
    await project.write('golden.json', JSON.stringify(golden))
    await project.write('inputs.json', JSON.stringify(stated))
  })
  afterAll(() => project[Symbol.asyncDispose]())

  const register = (model: string, ...more: string[]): readonly string[] => [
    'models',
    'register',
    model,
    '--onnx',
    echo,
    '--service',
    'card',
    '--golden',
    'golden.json',
    ...more,
  ]

  it('stand-ins for null, as the error of the registry asks for', async () => {
    await project.write(
      'names.json',
      JSON.stringify({ profile__whole: 'whole', profile__flag: 'flag', profile__word: 'word', profile__real: 'real' }),
    )
    await project.write('wrong.json', JSON.stringify({ ...stated, profile__word: { nullas: 'x' } }))
    const misspelt = await project.martlet(...register('echo', '--inputs', 'wrong.json'))
    expect(misspelt.stderr.replace(/\s+/g, ' ')).toContain(
      '--inputs wrong.json is not as expected at profile__word: Unrecognized key: "nullas". `martlet models register --help` explains',
    )
    expect(misspelt).toMatchObject({ code: 64, stdout: '' })
    const refused = await project.martlet(...register('echo', '--inputs', 'names.json'))
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr.replace(/\s+/g, ' ')).toContain(
      'name a stand-in, inputs: { "profile__whole": { nullAs: … } }',
    )
    expect(await project.json(0, ...register('echo', '--inputs', 'inputs.json'))).toMatchObject({
      created: true,
      version: {
        signature: {
          fields: [
            { nulls: { kind: 'value', value: -1 } },
            { nulls: { kind: 'value', value: false } },
            { nulls: { kind: 'value', value: 'unknown' } },
            { nulls: { kind: 'nan' } },
          ],
        },
        goldenRows: { tolerance: { absolute: 0, relative: 1e-5 } },
      },
    })
  })

  it('whole numbers beyond 2^53, infinite numbers, and a tolerance of which one part is said', async () => {
    const big = {
      inputs: [[9007199254740993, true, '', 1]],
      outputs: { whole_out: [9007199254740993], real_out: [1] },
      tolerance: { absolute: 0.5 },
    }
    // JavaScript would write …992
    const text = JSON.stringify(big).replaceAll('9007199254740992', '9007199254740993').replaceAll('1]', '1e999]')
    await project.write('big.json', text)
    expect(text).toContain('[[9007199254740993,true,"",1e999]]')
    const registered = await project.json(0, ...register('big', '--inputs', 'inputs.json', '--golden', 'big.json'))
    expect(registered).toMatchObject({
      version: {
        goldenRows: { inputs: [['9007199254740993', true, '', null]], tolerance: { absolute: 0.5, relative: 1e-5 } },
      },
    })
    await project.write('big.json', text.replace('_out":[9007199254740993]', '_out":[9007199254740992]'))
    expect(await project.json(1, ...register('big', '--inputs', 'inputs.json', '--golden', 'big.json'))).toMatchObject({
      error: { code: 'GOLDEN_ROWS_DISAGREE' },
    })
  })

  it('files: they are downloaded with their hash, and swept when no version needs them', async () => {
    const { version } = (await project.json(0, ...register('kept', '--inputs', 'inputs.json'))) as {
      version: { artifact: { sha256: string; bytes: number } }
    }
    const { sha256, bytes } = version.artifact
    const out = join(project.folder, 'down.onnx')
    const orphan = Buffer.from('left by a killed registration')
    const name = createHash('sha256').update(orphan).digest('hex')
    const folder = join(project.folder, 'artifacts/sha256', name.slice(0, 2))
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, name), orphan)
    const unused = [{ sha256: name, deleted: [] }]
    expect(await project.json(0, 'models', 'sweep', '--dry-run')).toMatchObject({ dryRun: true, unused })
    expect(await project.json(0, 'models', 'sweep')).toMatchObject({ dryRun: false, unused })
    expect(await project.json(0, 'models', 'download', 'kept:1', '--out', 'down.onnx')).toMatchObject({
      model: 'kept',
      version: 1,
      sha256,
      bytes,
      file: out,
    })
    expect(
      createHash('sha256')
        .update(await readFile(out))
        .digest('hex'),
    ).toBe(sha256)
  })

  it('what it was trained on, of this project or said by another trainer, with the views as they were then', async () => {
    await project.write(
      'trained.json',
      JSON.stringify({ query: 'select 1', rows: 12, views: { profile: 'hash of then', other: 'x' } }),
    )
    await project.write('metrics.json', '{ "auc": 0.75, "r2": null }')
    expect(
      await project.json(
        0,
        ...register(
          'trained',
          '--inputs',
          'inputs.json',
          '--training-set',
          'trained.json',
          '--metrics',
          'metrics.json',
        ),
      ),
    ).toMatchObject({
      version: {
        trainingSet: { query: 'select 1', rows: 12 },
        definitionHashes: { profile: 'hash of then' },
        metrics: { auc: 0.75, r2: null },
      },
    })
    await project.write('trained.json', '["notes"]')
    expect(
      await project.json(0, ...register('noted', '--inputs', 'inputs.json', '--training-set', 'trained.json')),
    ).toMatchObject({
      version: { trainingSet: ['notes'], definitionHashes: { profile: expect.stringMatching(/^[0-9a-f]{16,}$/) } },
    })
  })

  it.each([
    [
      'a stand-in without its name',
      { profile__word: { input: 'word', nullas: 'x' } },
      'at profile__word: Unrecognized key: "nullas"',
    ],
    [
      'an input that is no name',
      { profile__word: 5 },
      'at profile__word: must be the name of an input, or { "input": name, "nullAs": what stands for null }',
    ],
    [
      'a stand-in that is a list',
      { profile__word: { nullAs: ['x'] } },
      'at profile__word.nullAs: must be a number, text, true or false',
    ],
    [
      'a stand-in that is null',
      { profile__word: { input: 'word', nullAs: null } },
      'at profile__word.nullAs: must be a number, text, true or false',
    ],
    ['a name that is a number inside', { profile__word: { input: 5 } }, 'at profile__word.input: '],
    ['a list', ['word'], 'at its top: '],
  ])('--inputs with %s names the place', async (_, value, says) => {
    const file = project.path('wrong.json')
    await project.write('wrong.json', JSON.stringify(value))
    await expect(readJson(file, '--inputs', inputMapping)).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining(`--inputs ${file} is not as expected ${says}`),
    })
  })

  it.each([
    [
      'a row that is a text',
      { ...golden, inputs: ['x'] },
      'at inputs.0: must be the values of a row in vector order, or { feature: value }',
    ],
    [
      'a feature that is a list',
      { ...golden, inputs: [[1, [2]]] },
      'at inputs.0.1: must be a number, text, true, false or null',
    ],
    [
      'an answer that is an object',
      { ...golden, outputs: { real_out: [0.5, { a: 1 }] } },
      'at outputs.real_out.1: must be the answer for a row, or an array of its columns',
    ],
    [
      'an answer of more dimensions that is no number',
      { ...golden, outputs: { real_out: [[[0.5]], [[{ a: 1 }]]] } },
      'at outputs.real_out.1.0.0: must be a number, text, true, false, or null for NaN',
    ],
    ['no outputs', { inputs: [] }, 'at outputs: '],
  ])('--golden with %s names the place', async (_, value, says) => {
    const file = project.path('wrong.json')
    await project.write('wrong.json', JSON.stringify(value))
    await expect(readJson(file, '--golden', goldenRows)).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining(`--golden ${file} is not as expected ${says}`),
    })
  })

  it("NaN as Python's json module writes it is refused with the way to say it", async () => {
    await project.write('python.json', '{"inputs": [[1, true, "NaN", NaN]], "outputs": {"real_out": [NaN]}}')
    const ended = await project.martlet(...register('echo', '--golden', 'python.json'))
    expect(ended.stderr.replace(/\s+/g, ' ')).toContain(
      'JSON has no NaN or Infinity: write null where a number is missing.',
    )
    expect(ended.code).toBe(64)
  })
})
