import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { plainEnvironment } from '../double/demo-process.ts'

const entry = join(import.meta.dirname, '../../src/demo/run.ts')
let root = ''
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'martlet-demo-'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

async function demo(
  ...flags: readonly string[]
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  return new Promise((done) => {
    const child = execFile(
      process.execPath,
      ['--conditions=@martlet/source', entry, ...flags],
      { cwd: root, env: { ...plainEnvironment, INIT_CWD: root, NO_COLOR: '1' } },
      (_, out, err) => done({ code: child.exitCode ?? -1, out, err }),
    )
  })
}

test('runs every step, twice in the same folder', { timeout: 120_000 }, async () => {
  const folder = join(root, 'whole')
  for (let run = 0; run < 2; run++) {
    const { code, out, err } = await demo('--customers', '20', '--days', '60', '--folder', folder)
    expect({ code, err }).toMatchObject({ code: 0 })
    expect(out).toMatch(/next day's kWh +WAPE +mean error +bias +rows/)
    expect(out).toMatch(/next_day_kwh version 1 +\d+\.\d %/)
    for (let day = 1; day <= 7; day++)
      expect(out).toMatch(new RegExp(`^ +${day} +\\d+\\.\\d % +\\d+\\.\\d % +\\d+$`, 'm'))
    for (let step = 1; step <= 8; step++) expect(out).toMatch(new RegExp(`^${step}\\. `, 'm'))
    for (const name of ['next_day_kwh_features', 'next_day_kwh_served', 'next_day_kwh_truth']) {
      const html = await readFile(join(folder, 'reports', `${name}.html`), 'utf8')
      expect(html).toMatch(/^<!doctype html>/i)
      expect(html.trimEnd()).toMatch(/<\/html>$/)
      expect(html).not.toMatch(/<script|\son\w+=|javascript:/i)
      for (const tag of ['html', 'head', 'body', 'table', 'svg', 'section'])
        expect([tag, html.match(new RegExp(`<${tag}[\\s>]`, 'g'))?.length]).toEqual([
          tag,
          html.match(new RegExp(`</${tag}>`, 'g'))?.length,
        ])
      expect(JSON.parse(await readFile(join(folder, 'reports', `${name}.json`), 'utf8'))).toBeTypeOf('object')
    }
    const files = (await readdir(join(folder, 'log'), { recursive: true })).filter((name) => name.endsWith('.jsonl'))
    const lines = (await Promise.all(files.map((name) => readFile(join(folder, 'log', name), 'utf8')))).flatMap(
      (text) => text.trim().split('\n'),
    )
    // One line per prediction, of this run only.
    const [served, earlier] = [/POST predict: (\d+) customers/, /that day: (\d+) forecasts logged/].map((pattern) =>
      Number(pattern.exec(out)?.[1]),
    )
    expect(lines.length).toBe((served ?? 0) + (earlier ?? 0))
    expect(served).toBeGreaterThan(10)
    // Two windows of four days; every forecast of theirs has its label.
    const windows = [...out.matchAll(/^ +2025-\d\d-\d\d … 2025-\d\d-\d\d +[\d.]+ % .* (\d+) of (\d+)$/gm)]
    expect(windows).toHaveLength(2)
    for (const [, labelled, forecasts] of windows) expect(labelled).toBe(forecasts)
    for (const line of lines) expect(JSON.parse(line)).toBeTypeOf('object')
  }
})

test.for<[flags: readonly string[], message: string]>([
  [['--customers', 'x'], "BAD_FLAG: --customers must be a whole number from 5 to 100000, not 'x'"],
  [['--customers', '0'], "BAD_FLAG: --customers must be a whole number from 5 to 100000, not '0'"],
  [['--days', '3'], "BAD_FLAG: --days must be a whole number from 45 to 3650, not '3'"],
  [['--seed', '1.5'], "BAD_FLAG: --seed must be a whole number from 0 to 2147483648, not '1.5'"],
  [['--custmers', '9'], "BAD_FLAG: Unknown option '--custmers'"],
  [['--engine', 'postgres'], "BAD_FLAG: --engine must be duckdb or snowflake, not 'postgres'"],
  [
    ['--engine', 'snowflake'],
    'SETTING_MISSING: --engine snowflake needs the environment variables SNOWFLAKE_ACCOUNT, SNOWFLAKE_USER,',
  ],
  [['--data', 'nowhere'], 'nowhere has neither readings_15min.parquet and households.parquet'],
])('%j is refused in a sentence, before anything is written', async ([flags, message]) => {
  const folder = join(root, 'refused')
  const { code, out, err } = await demo(...flags, '--folder', folder)
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err).toContain(message)
  expect(err).not.toMatch(/^\s+at /m)
  expect(existsSync(folder)).toBe(false)
})

test('a folder with other files is not changed', async () => {
  const folder = join(root, 'mine')
  await mkdir(folder)
  await writeFile(join(folder, 'thesis.txt'), 'years')
  const { code, err } = await demo('--folder', folder)
  expect(code).toBe(1)
  expect(err).toContain('has thesis.txt, which no demo has written')
  expect(await readdir(folder)).toEqual(['thesis.txt'])
})
