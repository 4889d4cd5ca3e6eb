import { readFile, stat } from 'node:fs/promises'
import { openDuckDb, rowsOf, sql } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { seededProject, type TestProject } from '../run-martlet.ts'

// Each step starts a process.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })

const scored = z.object({
  rows: z.number(),
  refused: z.literal(0),
  chunks: z.number(),
  resumed: z.number(),
  manifestFile: z.string(),
  manifest: z.looseObject({ model: z.string(), version: z.number(), sha256: z.string() }),
})

describe('martlet score', () => {
  let project: TestProject
  const day = (back: number): string => new Date(Date.now() - back * 86_400_000).toISOString().slice(0, 10)
  const grid = ['--every', '1d', '--of', 'customer_usage', '--start', day(20), '--end', day(0), '--chunk-rows', '50']
  const score = async (...args: string[]) => scored.parse(await project.json(0, 'score', 'm', ...grid, ...args))
  /** The rows of a file of scores. */
  const read = async (file: string): Promise<readonly Record<string, unknown>[]> => {
    await using reader = await openDuckDb()
    return rowsOf(await reader.read(sql`SELECT * FROM read_parquet(${sql.lit(project.path(file))})`))
  }
  beforeAll(async () => {
    project = await seededProject()
    for (const args of [
      ['apply', '--yes'],
      ['training-set', 'next_day_training'],
    ])
      await project.json(0, ...args)
    await project.node('train.ts')
    const files = ['--onnx', 'model.onnx', '--service', 'next_day', '--golden', 'golden.json']
    await project.json(0, 'models', 'register', 'm', ...files, '--training-set', 'next_day_training')
    await project.json(0, 'models', 'promote', 'm', '1', '--reason', 'first')
  })
  afterAll(() => project[Symbol.asyncDispose]())

  it('killed at any point continues there: no row is lost, none is there twice, none is computed again', async () => {
    const whole = await score('--into', 'whole.parquet')
    expect(whole).toMatchObject({ rows: 20 * 20, chunks: 8, resumed: 0, manifest: { model: 'm', version: 1 } })
    const reached: number[] = []
    for (const moment of ['chunk 1:', 'chunk 3: predict', 'chunk 6:', 'write the scores']) {
      const running = project.start('score', 'm', ...grid, '--into', 'killed.parquet')
      const printed = await running.printed(moment, 'stderr')
      running.child.kill('SIGKILL')
      expect((await running.ended).code).toBeNull()
      // Killed while it writes, the file may be there already; before, it is not.
      if (moment !== 'write the scores') await expect(stat(project.path('killed.parquet'))).rejects.toThrow('ENOENT')
      // The first chunk that this run began.
      reached.push(Number(/chunk (\d+):/.exec(printed)?.[1] ?? 9))
    }
    expect(reached).toEqual(reached.toSorted((a, b) => a - b))
    expect(reached[0]).toBe(1)
    expect(reached[2]).toBeGreaterThanOrEqual(3)
    expect(reached[3]).toBeGreaterThanOrEqual(6)
    const last = await score('--into', 'killed.parquet')
    // All chunks were predicted when the writing began; without what was kept, the whole had been finished.
    expect([0, 8]).toContain(last.resumed)
    expect(last).toMatchObject({ rows: whole.rows, chunks: 8 })
    expect(await read('killed.parquet')).toEqual(await read('whole.parquet'))
    // What describes the file lies next to it, and nothing is left in the warehouse.
    expect(JSON.parse(await readFile(project.path('killed.parquet.json'), 'utf8'))).toEqual(last.manifest)
    await using warehouse = await openDuckDb({ path: project.path('.martlet/warehouse.duckdb') })
    const left = sql`SELECT table_name FROM duckdb_tables() WHERE schema_name = 'scores_internal'`
    expect(rowsOf(await warehouse.read(left))).toEqual([])
  })

  it('is refused while another process scores; Ctrl-C stops one, which then continues', async () => {
    const small = [...grid, '--chunk-rows', '4', '--into', 'scores.said']
    const running = project.start('score', 'm@champion', ...small)
    await running.printed('chunk 3:', 'stderr')
    const other = await project.martlet('score', 'm', ...small, '--json')
    expect(JSON.parse(other.stdout)).toMatchObject({ ok: false, error: { code: 'WAREHOUSE_LOCKED' } })
    running.child.kill('SIGINT')
    expect((await running.ended).code).toBe(130)
    const { code, stdout } = await project.martlet('score', 'm:1', ...small)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^scores\.said: 400 predictions from /)
    expect(stdout).toMatch(/^ *model +m version 1, [0-9a-f]{12}$/m)
    expect(stdout).toMatch(/^ *chunks +100, \d+ of an earlier run$/m)
    expect(stdout).toMatch(/^ *manifest +.*scores\/scores\.said\.json$/m)
  })
})
