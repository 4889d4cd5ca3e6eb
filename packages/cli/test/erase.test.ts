import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { seededProject, type TestProject } from './run-martlet.ts'

// Each step starts a process.
vi.setConfig({ testTimeout: 480_000, hookTimeout: 480_000 })

const gone = 'c01'
const erasure = z.object({
  ok: z.literal(true),
  dryRun: z.boolean(),
  entity: z.string(),
  keys: z.number(),
  unreached: z.array(z.string()),
  outOfReach: z.array(z.string()),
  removed: z.array(z.object({ kind: z.string(), place: z.string(), rows: z.number() })),
  facts: z.array(z.object({ table: z.string(), rows: z.number() })),
})
type Answer = z.infer<typeof erasure>

// Each step stands on the ones before it.
describe('martlet erase in a project that has everything', () => {
  let project: TestProject
  const run = async (code: number, ...args: string[]): Promise<Answer> =>
    erasure.parse(await project.json(code, 'erase', '--entity', 'customer', ...args))
  /** Every file of the project but the sources and the database files, which keep the bytes of deleted rows. */
  const filesWith = async (text: string): Promise<readonly string[]> => {
    const entries = await readdir(project.folder, { recursive: true, withFileTypes: true })
    const files = entries
      .filter(
        (entry) =>
          entry.isFile() &&
          !entry.parentPath.includes('node_modules') &&
          !/\.(duckdb|sqlite|mdb|csv|onnx)/.test(entry.name),
      )
      .map((entry) => join(entry.parentPath, entry.name))
    const held = await Promise.all(files.map(async (file) => ((await readFile(file)).includes(text) ? [file] : [])))
    return held.flat()
  }
  const finished = async (file: string): Promise<void> => {
    const { code, stderr } = await project.node(file)
    if (code !== 0) throw new Error(`${file} ended with ${code}\n${stderr}`)
  }
  const logLine = (id: string, service = 'next_day'): string =>
    JSON.stringify({
      requestId: 'r',
      time: '2026-01-10T06:00:00Z',
      model: 'next_day_kwh',
      version: 1,
      service,
      row: 0,
      keys: { customer_id: id },
      values: { customer_usage__kwh_1d: 1 },
      prediction: { prediction: 2 },
    })

  beforeAll(async () => {
    project = await seededProject()
    await project.json(0, 'apply', '--yes')
    await project.json(0, 'materialize')
    await project.json(0, 'training-set', 'next_day_training')
    await finished('train.ts')
    const files = [
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
    ]
    await project.json(0, 'models', 'register', 'next_day_kwh', ...files, '--description', `better for ${gone}`)
    const logged = JSON.stringify([gone, 'c010', 'c02', 'c03'].map((id) => `${logLine(id)}\n`).join(''))
    await project.write(
      'prepare.ts',
      `import { mkdirSync, writeFileSync } from 'node:fs'
import { sql, writeParquet } from '@martlet/warehouse'
import { profileReference, storeProfile } from '@martlet/drift'
import { loadProject } from 'martlet'
await using project = await loadProject()
const warehouse = await project.warehouse()
await writeParquet(warehouse, sql\`SELECT * FROM training.next_day_training ORDER BY spine_row\`, 'rows.parquet')
const columns = [{ name: 'customer_id', type: 'text' }]
const whom = await profileReference(warehouse, { name: 'whom', relation: 'training.next_day_training', columns, rowKind: 'table' })
await storeProfile(warehouse, whom)
mkdirSync('.martlet/log/next_day_kwh/2026-01-10', { recursive: true })
const log = '.martlet/log/next_day_kwh/2026-01-10/060000000-host-1-0.jsonl'
writeFileSync(log, ${logged})
mkdirSync('reports', { recursive: true })
writeFileSync('reports/of_customers.html', '<p>customer_id: &quot;${gone}&quot; is new</p>')
writeFileSync('reports/usage.md', 'c010 is fine')
`,
    )
    await finished('prepare.ts')
  })
  afterAll(() => project[Symbol.asyncDispose]())

  it('refuses what it cannot use, by name and without the value', async () => {
    expect(await project.json(64, 'erase', '--entity', 'custmer', '--keys', gone)).toMatchObject({
      error: { code: 'ENTITY_UNKNOWN', message: expect.stringContaining('customer') },
    })
    expect(await project.json(64, 'erase', '--entity', 'customer')).toMatchObject({ error: { code: 'USAGE' } })
    expect(
      await project.json(64, 'erase', '--entity', 'customer', '--keys', gone, '--keys-from', 'x.csv'),
    ).toMatchObject({
      error: { code: 'USAGE' },
    })
    expect(await project.json(64, 'erase', '--entity', 'customer', '--keys', '[{"customer_id": 77123}]')).toMatchObject(
      {
        error: { code: 'USAGE', message: expect.not.stringContaining('77123') },
      },
    )
    expect(await project.json(64, 'erase', '--entity', 'customer', '--keys', gone)).toMatchObject({
      error: { code: 'CONFIRMATION_NEEDED' },
    })
    expect(
      await project.json(64, 'erase', '--entity', 'customer', '--keys', gone, '--yes', '--files', 'none.parquet'),
    ).toMatchObject({
      error: { code: 'USAGE' },
    })
    expect(
      await project.json(64, 'erase', '--entity', 'customer', '--keys', gone, '--yes', '--reason', `of ${gone}`),
    ).toMatchObject({
      error: { code: 'ERASE_REASON_NAMES_KEY' },
    })
  })

  it('--dry-run counts and changes nothing', async () => {
    const held = await filesWith(gone)
    const dry = await run(2, '--keys', gone, '--files', 'rows.parquet', '--dry-run')
    expect(dry).toMatchObject({ dryRun: true, keys: 1, facts: [{ table: 'mart.usage', rows: 240 }] })
    expect(await run(2, '--keys', gone, '--files', 'rows.parquet', '--dry-run')).toEqual(dry)
    expect(await filesWith(gone)).toEqual(held)
  })

  it('removes what the dry run has counted, everywhere, and nobody else', async () => {
    await project.write(
      'delete.ts',
      `import { sql } from '@martlet/warehouse'
import { loadProject } from 'martlet'
await using project = await loadProject()
await (await project.warehouse()).run(sql\`DELETE FROM mart.usage WHERE customer_id = '${gone}'\`)
`,
    )
    await finished('delete.ts')
    await project.write('requests.csv', `name,customer_id\nsomebody,${gone}\nagain,${gone}\n`)
    const args = ['--keys-from', 'requests.csv', '--files', 'rows.parquet', '--reason', 'request 17']
    const dry = await run(0, ...args, '--dry-run')
    const done = await run(0, ...args, '--yes')
    expect({ ...done, dryRun: true }).toEqual(dry)
    expect(done).toMatchObject({ entity: 'customer', keys: 1, facts: [], unreached: [] })
    const rows = new Map(
      done.removed.map(({ kind, place, rows: n }) => [
        `${kind} ${place.replace(/.*\//, '').replace(/moments_.*/, 'tiles')}`,
        n,
      ]),
    )
    expect(Object.fromEntries(rows)).toEqual({
      'online rows lmdb store, table customer_usage': 1,
      'feature table features.customer_usage': 60,
      'published keys features_internal.published_customer_usage': 1,
      'tiles features_internal.tiles': expect.any(Number),
      'training set training.next_day_training': 32,
      'training set rows.parquet': 32,
      'profile values monitoring.reference_profiles': 1,
      'texts model next_day_kwh, version 1': 1,
      'predictions 060000000-host-1-0.jsonl': 1,
      'report, deleted of_customers.html': 1,
    })
    expect(
      (await filesWith(gone))
        .map((file) => file.replace(/.*\//, ''))
        .filter(
          (file) =>
            !['README.md', 'prepare.ts', 'delete.ts', 'usage.md', '060000000-host-1-0.jsonl', 'rows.parquet'].includes(
              file,
            ),
        ),
    ).toEqual([])
    expect(await readFile(project.path('.martlet/log/next_day_kwh/2026-01-10/060000000-host-1-0.jsonl'), 'utf8')).toBe(
      `${logLine('c010')}\n${logLine('c02')}\n${logLine('c03')}\n`,
    )
    expect([
      existsSync(project.path('reports/of_customers.html')),
      existsSync(project.path('reports/usage.md')),
    ]).toEqual([false, true])
    expect(await project.json(0, 'status')).toMatchObject({ views: [{ view: 'customer_usage', late: false }] })
  })

  it('the manifest says what was erased, and so do versions trained on the set', async () => {
    const manifest: unknown = JSON.parse(
      await readFile(project.path('.martlet/artifacts/training-sets/next_day_training.json'), 'utf8'),
    )
    const note = { at: expect.any(String), rowsBefore: 640, rowsAfter: 608 }
    expect(manifest).toMatchObject({ service: 'next_day', rows: 608, erased: [note] })
    expect(await project.json(0, 'models', 'show', 'next_day_kwh', '1')).toMatchObject({
      version: { description: 'better for [erased]', trainingSet: { rows: 640, erased: [note] } },
    })
  })

  it('again, it finds nothing, and tells what no command can reach', async () => {
    expect(await run(0, '--keys', gone, '--files', 'rows.parquet', '--yes')).toMatchObject({
      removed: [],
      facts: [],
      outOfReach: expect.arrayContaining([expect.stringContaining('backups')]),
    })
    const people = await project.martlet('erase', '--entity', 'customer', '--keys', gone, '--dry-run')
    expect(people).toMatchObject({ code: 0 })
    expect(people.stdout).toContain('nothing is stored of them')
    expect(people.stdout).toContain('Time Travel')
  })

  it('two processes at once: one of them works, and both keys are gone when both have ended well', async () => {
    const ids = ['c02', 'c03']
    const ends = await Promise.all(
      ids.map((id) => project.martlet('erase', '--entity', 'customer', '--keys', id, '--yes', '--json')),
    )
    // 2: their facts are still there.
    expect(ends.map(({ code }) => code)).toContain(2)
    for (const { code, stdout } of ends)
      expect(code === 2 ? 'done' : stdout).toMatch(/^done$|WAREHOUSE_LOCKED|LEASE_HELD/)
    for (const id of ids) await run(2, '--keys', id, '--yes')
    for (const id of ids)
      expect(await run(2, '--keys', id, '--dry-run')).toMatchObject({
        removed: [],
        facts: [{ table: 'mart.usage', rows: 240 }],
      })
    expect(await readFile(project.path('.martlet/log/next_day_kwh/2026-01-10/060000000-host-1-0.jsonl'), 'utf8')).toBe(
      `${logLine('c010')}\n`,
    )
  })
})
