import { chmodSync, readdirSync, statSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { emptyFolder, type TestProject } from './run-martlet.ts'

// Each step starts a process.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })

/** Every file and folder below with rights for others, as `mode path`. */
function widerModes(folder: string): readonly string[] {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry) =>
    join(entry.parentPath, entry.name),
  )
  return [folder, ...found].flatMap((path) => {
    const mode = statSync(path).mode & 0o777
    return (mode & 0o077) === 0 ? [] : [`${mode.toString(8)} ${relative(folder, path) || '.'}`]
  })
}

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8)

describe.skipIf(process.platform === 'win32')('files under umask 022', () => {
  let project: TestProject
  const before = process.umask(0o022)
  const run = async (...args: string[]): Promise<void> => {
    const ended = await project.martlet(...args)
    expect([args, ended.code, ended.stderr]).toEqual([args, expect.toBeOneOf([0, 2]), expect.any(String)])
  }
  beforeAll(async () => {
    project = await emptyFolder()
    await run('init')
    const seeded = await project.node('seed.ts')
    if (seeded.code !== 0) throw new Error(seeded.stderr)
  })
  afterAll(async () => {
    process.umask(before)
    await project[Symbol.asyncDispose]()
  })

  it('what init writes is a project like any other', () => {
    expect([modeOf(project.path('martlet.config.ts')), modeOf(project.path('README.md'))]).toEqual(['644', '644'])
  })

  it('every writer of state makes files and folders that only this user can read', async () => {
    for (const args of [['apply', '--yes'], ['materialize'], ['training-set', 'next_day_training']]) await run(...args)
    expect((await project.node('train.ts')).code).toBe(0)
    await run(
      'models',
      'register',
      'next_day_kwh',
      '--onnx',
      'model.onnx',
      '--service',
      'next_day',
      '--golden',
      'golden.json',
      '--metrics',
      'metrics.json',
      '--training-set',
      'next_day_training',
    )
    await run('models', 'promote', 'next_day_kwh', '1', '--reason', 'first')
    await predict(project)
    await run('drift')
    const kinds = readdirSync(project.path('.martlet'), { recursive: true }).map(String)
    for (const wanted of [
      /^warehouse\.duckdb$/,
      /^catalog\.sqlite$/,
      /^online.data\.mdb$/,
      /^online.lock\.mdb$/,
      /^artifacts.sha256.\w\w.\w{64}$/,
      /^artifacts.training-sets.next_day_training\.json$/,
      /^log.next_day_kwh.[\d-]+.\S+\.jsonl$/,
    ]) {
      expect(kinds).toContainEqual(expect.stringMatching(wanted))
    }
    expect(readdirSync(project.path('reports'))).toEqual(
      expect.arrayContaining(['usage_drift.html', 'usage_drift.json', 'usage_drift.md']),
    )
    expect(widerModes(project.path('.martlet'))).toEqual([])
    expect(widerModes(project.path('reports'))).toEqual([])
  })

  it('files that stand only while something is open are as private, beside a database in a folder of anybody', async () => {
    await mkdir(project.path('open'), { mode: 0o755 })
    await project.write(
      'hold.ts',
      `
      import { readdirSync, statSync } from 'node:fs'
      import { openCatalog } from '@martlet/feature-store'
      await using catalog = await openCatalog({ path: 'open/catalog.sqlite' })
      await catalog.db.selectFrom('runs').selectAll().execute()
      console.log(JSON.stringify(readdirSync('open').map((name) => [name, (statSync('open/' + name).mode & 0o777).toString(8)])))
    `,
    )
    const { stdout } = await project.node('hold.ts')
    expect(JSON.parse(stdout)).toEqual(
      ['catalog.sqlite', 'catalog.sqlite-shm', 'catalog.sqlite-wal'].map((name) => [name, '600']),
    )
  })

  it('reports that were asked for by --out have the modes of the user', async () => {
    await run('drift', '--out', 'published')
    expect([modeOf(project.path('published')), modeOf(project.path('published', 'usage_drift.html'))]).toEqual([
      '755',
      '644',
    ])
  })

  it('modes of what exists are left alone, and doctor names them with what to run', async () => {
    const check = z.object({
      checks: z.array(z.object({ name: z.string(), state: z.string(), found: z.string(), fix: z.string().optional() })),
    })
    const modes = async (): Promise<readonly object[]> => {
      const ended = await project.martlet('doctor', '--json')
      return check.parse(JSON.parse(ended.stdout)).checks.filter(({ name }) => name === 'file modes')
    }
    expect(await modes()).toEqual([{ name: 'file modes', state: 'ok', found: 'only this user can read the state' }])
    chmodSync(project.path('.martlet'), 0o755)
    chmodSync(project.path('.martlet', 'catalog.sqlite'), 0o644)
    chmodSync(project.path('.martlet', 'log'), 0o755)
    await run('apply')
    expect([modeOf(project.path('.martlet')), modeOf(project.path('.martlet', 'catalog.sqlite'))]).toEqual([
      '755',
      '644',
    ])
    expect(await modes()).toEqual([
      {
        name: 'file modes',
        state: 'warn',
        found: 'everybody on this machine can read .martlet/log',
        fix: `If that is not meant: chmod -R go-rwx ${project.path('.martlet', 'log')}`,
      },
      {
        name: 'file modes',
        state: 'warn',
        found: 'everybody on this machine can read .martlet/catalog.sqlite',
        fix: `If that is not meant: chmod go-rwx ${project.path('.martlet', 'catalog.sqlite')}*`,
      },
    ])
  })
})

/** Serves, asks for one prediction, and stops, so that its line is in the log. */
async function predict(project: TestProject): Promise<void> {
  const started = project.start('serve', '--port', '0', '--json')
  const line = await started.printed('"url"', 'stdout')
  const { url } = z.object({ url: z.string() }).parse(JSON.parse(line.split('\n')[0] ?? ''))
  const answer = await fetch(`${url}/v1/models/next_day_kwh/predict`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ keys: [{ customer_id: 'c01' }] }),
  })
  expect([answer.status, await answer.text()]).toEqual([200, expect.any(String)])
  started.child.kill('SIGTERM')
  await started.ended
}
