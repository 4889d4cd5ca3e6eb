import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { oneProcess, type OneProcess } from '../one-process.ts'
import { start } from '../run-martlet.ts'
import { after, before, config, definitions, gitProject, seed, seedFile, type GitProject } from './diff-project.ts'

// Each commit is loaded by a process of its own.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })

const echo = join(import.meta.dirname, '../../../registry/test/fixtures/echo.onnx')
const bin = join(import.meta.dirname, '../../bin/martlet.js')

let git: GitProject
let commands: OneProcess
// Nobody else's files are in it.
const temporary = mkdtempSync(join(tmpdir(), 'martlet-test-'))
const commits = { empty: '', first: '', broken: '', ending: '' }

beforeAll(async () => {
  git = await gitProject()
  const { project } = git
  const write = (name: string, text: string): Promise<void> => project.write(name, text)
  commits.empty = git.commit('Nothing yet')
  mkdirSync(project.path('shared'))
  await write('shared/hours.ts', 'export const hours = (n: number): `${number}h` => `${n}h`\n')
  await write('ml/martlet.config.ts', config)
  await write('ml/seed.ts', seedFile)
  await write('ml/definitions.ts', definitions(before))
  commits.first = git.commit('First definitions')
  await write('ml/definitions.ts', "throw new Error('no tariff is known')\n")
  commits.broken = git.commit('Broken definitions')
  await write('ml/definitions.ts', "import process from 'node:process'\nprocess.exit(0)\n")
  commits.ending = git.commit('Definitions that end the process')
  await write('ml/definitions.ts', definitions(before))
  await seed(git)
  for (const words of [
    ['apply', '--yes'],
    ['materialize', '--from', '2024-01-10', '--to', '2024-01-16', '--no-publish'],
  ]) {
    const ended = await start([bin, ...words], { cwd: git.folder }).ended
    if (ended.code !== 0) throw new Error(ended.stderr)
  }
  // What is compared need not be committed.
  await write('ml/definitions.ts', definitions(after))
  vi.stubEnv('TMPDIR', temporary)
  commands = oneProcess(git.folder)
  vi.unstubAllEnvs()
})
afterAll(async () => {
  await commands[Symbol.asyncDispose]()
  await git[Symbol.asyncDispose]()
  rmSync(temporary, { recursive: true })
})

async function json(code: number, ...words: string[]): Promise<Record<string, unknown>> {
  const ended = await commands.martlet('diff', ...words, '--json')
  expect(ended, ended.stdout).toMatchObject({ code })
  return z.record(z.string(), z.unknown()).parse(JSON.parse(ended.stdout))
}

const usageOf = ({ views }: Record<string, unknown>): Record<string, unknown> =>
  z
    .array(z.record(z.string(), z.unknown()))
    .parse(views)
    .find(({ view }) => view === 'usage') ?? {}

// By hand: sums of kwh over 7 and 14 days before January 15 are 7, 14, 0 and 14, 42, 5; the largest value above 3 is missing
// for c1, whose values are all 1.
const changed = {
  kind: 'compared',
  outcome: 'changes',
  reasons: [
    'top_14d max(kwh where (kwh > 3)) over 14d → max(kwh where (kwh > 0)) over 14d',
    'kwh_14d added: sum(kwh) over 14d',
    'nights_7d added: count(* where (night = true)) over 7d',
    'kwh_7d removed',
    'ttl 7d → 3d',
  ],
  compared: {
    kind: 'rows',
    first: '2024-01-15T00:00:00.000Z',
    last: '2024-01-15T00:00:00.000Z',
    times: 1,
    rows: { before: 3, after: 3, both: 3, appear: 0, vanish: 0 },
  },
  features: [
    {
      name: 'kwh_14d',
      formerName: 'kwh_7d',
      kind: 'replaced',
      rows: 3,
      changed: 3,
      before: { nulls: 0, mean: 7, min: 0, max: 14 },
      after: { nulls: 0, min: 5, max: 42 },
      largest: {
        key: { customer_id: 'c2' },
        time: '2024-01-15T00:00:00.000Z',
        before: 14,
        after: 42,
        difference: 28,
      },
    },
    { name: 'calls_7d', changed: 0 },
    { name: 'flag', changed: 0 },
    { name: 'word', changed: 0 },
    {
      name: 'top_14d',
      kind: 'compared',
      changed: 1,
      nullToValue: 1,
      valueToNull: 0,
      before: { nulls: 1, mean: 4.5 },
      largest: { key: { customer_id: 'c1' }, before: null, after: 1, difference: null },
    },
    { name: 'nights_7d', kind: 'new', after: { max: 7 } },
  ],
}

describe('against a commit', () => {
  it('says which values change, why, and who reads them', async () => {
    const found = await json(0, '--against', commits.first)
    expect(usageOf(found)).toMatchObject(changed)
    expect(found).toMatchObject({
      against: expect.stringMatching(new RegExp(`^commit ${commits.first.slice(0, 10)} of .*"First definitions"`)),
      unchanged: 1,
      views: [
        { view: 'usage' },
        { view: 'young', kind: 'new', features: ['n_7d'] },
        { view: 'old', kind: 'gone', features: ['n_7d'] },
      ],
      affected: {
        services: [
          {
            name: 'card',
            fields: ['usage__kwh_7d', 'usage__kwh_14d'],
            reasons: ['usage.kwh_14d added', 'usage.kwh_7d removed', 'default of usage.word none → "none"'],
          },
        ],
        labels: [{ name: 'next', reasons: ['window 1d → 2d'] }],
        models: [],
      },
    })
    expect(usageOf(found)['sentence']).toBe(
      'kwh_14d, in place of kwh_7d, differs in all rows (mean 7 → 20.33); ' +
        'top_14d changes in 33 % of rows (mean 4.5 → 3.333, 1 null filled); calls_7d, flag, word in none; new: nights_7d.',
    )
    // The repository is as it was, and nothing is left of the commit's files.
    expect(git.git('status', '--porcelain')).toBe('M ml/definitions.ts')
    expect(readdirSync(temporary)).toEqual([])
  })

  it('refuses what is no commit, and one whose definitions do not load', async () => {
    expect(await json(64, '--against', 'nowhere')).toMatchObject({ error: { code: 'DIFF_REF_UNKNOWN' } })
    expect(await json(64, '--against=--help')).toMatchObject({ error: { code: 'DIFF_REF_UNKNOWN' } })
    expect(await json(64, '--against', '^main')).toMatchObject({ error: { code: 'DIFF_REF_UNKNOWN' } })
    expect(await json(3, '--against', commits.broken)).toMatchObject({
      error: {
        code: 'DIFF_DEFINITIONS_FAILED',
        message: expect.stringMatching(/DEFINITIONS_FAILED: .*no tariff is known \(ml\/definitions\.ts:1\)/),
      },
    })
    expect(await json(3, '--against', commits.ending)).toMatchObject({
      error: {
        code: 'DIFF_DEFINITIONS_FAILED',
        message: expect.stringContaining('its code ends the process before they are written'),
      },
    })
    expect(await json(3, '--against', commits.empty)).toMatchObject({
      error: {
        code: 'DIFF_DEFINITIONS_FAILED',
        message: expect.stringContaining('it has no file ml/martlet.config.ts'),
      },
    })
    expect(readdirSync(temporary)).toEqual([])
  })
})

describe('against the catalog', () => {
  it('what is applied, what the feature tables hold, and the hash of a plan', async () => {
    const applied = await json(0)
    expect(usageOf(applied)).toMatchObject(changed)
    const { hash } = z.object({ before: z.object({ hash: z.string() }) }).parse(usageOf(applied)).before
    expect(usageOf(await json(0, 'usage', '--against', 'published'))).toMatchObject(changed)
    const plan = await json(0, '--against', hash.slice(0, 12))
    expect(plan).toMatchObject({
      against: expect.stringMatching(new RegExp(`^plan ${hash.slice(0, 10)}, revision 1 of view usage`)),
      views: [changed],
      affected: { services: [{ name: 'card', reasons: [] }] },
    })
    expect(await json(0, 'still')).toMatchObject({ views: [{ view: 'still', kind: 'same definition' }] })
  })

  it('as text and as a comment of a pull request, with and without examples', async () => {
    const text = await commands.martlet('diff', 'usage')
    expect(text.code).toBe(0)
    expect(text.stdout).toContain(
      'because  top_14d max(kwh where (kwh > 3)) over 14d → max(kwh where (kwh > 0)) over 14d',
    )
    expect(text.stdout).toMatch(/^kwh_14d \(was kwh_7d\) +100 % +7 → 20\.33 +0 to 14 → 5 to 42 +0 %$/m)
    expect(text.stdout).toMatch(/^ {2}kwh_14d {2}customer_id c2, 2024-01-15: 14 → 42 \(\+28\)$/m)
    const comment = ['diff', 'usage', '--format', 'markdown']
    const markdown = await commands.martlet(...comment, '--no-examples')
    expect(markdown.stdout).toMatch(/^<!-- martlet diff -->\n/)
    expect(markdown.stdout).toContain(
      '| feature | rows changed | mean | range | nulls |\n| --- | --- | --- | --- | --- |\n' +
        '| kwh_14d (was kwh_7d) | 100 % | 7 → 20.33 | 0 to 14 → 5 to 42 | 0 % |\n',
    )
    expect(markdown.stdout).toContain('- top_14d max(kwh where (kwh &#62; 3)) over 14d')
    expect(markdown.stdout).not.toContain('c2')
    expect((await commands.martlet(...comment)).stdout).toContain('customer_id c2, 2024-01-15: 14 → 42')
  })

  it('as a gate', async () => {
    expect((await json(1, '--fail-on', 'values')) as unknown).toMatchObject({ ok: false })
    // Nothing is computed of a new view.
    await json(1, 'young', '--fail-on', 'definitions')
    await json(0, 'still', '--fail-on', 'definitions')
    await json(64, '--fail-on', 'everything')
    await json(64, '--sample', 'some')
    await json(64, 'usag')
  })

  it('names live models that read what changes, and says what is missing of a plan that only they know', async () => {
    const inputs = {
      usage__calls_7d: { input: 'whole', nullAs: -1 },
      usage__flag: { input: 'flag', nullAs: false },
      usage__word: { input: 'word', nullAs: 'unknown' },
      usage__kwh_14d: 'real',
    }
    const golden = {
      inputs: [[7, true, 'night', 0.5]],
      outputs: { whole_out: [7], flag_out: [true], word_out: ['night'], real_out: [0.5] },
    }
    await git.project.write('ml/inputs.json', JSON.stringify(inputs))
    await git.project.write('ml/golden.json', JSON.stringify(golden))
    const files = ['--golden', 'golden.json', '--inputs', 'inputs.json']
    const registered = await commands.martlet('models', 'register', 'm', '--onnx', echo, '--service', 'card', ...files)
    expect(registered).toMatchObject({ code: 0 })
    await commands.martlet('models', 'promote', 'm', '1', '--reason', 'first')
    const found = await json(0, 'usage')
    expect(found).toMatchObject({
      affected: {
        models: [{ model: 'm', alias: 'champion', version: 1, service: 'card', fields: ['usage__kwh_14d'] }],
      },
    })
    const { hash } = z.object({ after: z.object({ hash: z.string() }) }).parse(usageOf(found)).after
    expect(await json(3, '--against', hash)).toMatchObject({
      error: { code: 'DIFF_PLAN_MISSING', data: { model: 'm', version: 1, view: 'usage' } },
    })
  })

  it('against a file, which needs neither git nor a catalog', async () => {
    expect(await commands.martlet('export', 'definitions', '--into', 'now.json')).toMatchObject({ code: 0 })
    expect(await json(0, '--against', 'now.json')).toMatchObject({ against: 'now.json', views: [], unchanged: 3 })
    await git.project.write('ml/other.json', '{}')
    expect(await json(64, '--against', 'other.json')).toMatchObject({ error: { code: 'DIFF_FILE_UNREADABLE' } })
  })
})
