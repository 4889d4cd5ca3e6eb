import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { rowsOf, sql, tableRef, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestWarehouse, testEngine } from '../../../warehouse/test/support/engine.ts'
import { loadPredictions, predictionTable } from '../../src/index.ts'
import { logFolder, logLine, writeLog } from './log-folder.ts'

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openTestWarehouse()
})
afterAll(() => warehouse.close())

/** What a table has, as text, sorted. */
async function contentOf(table: string): Promise<readonly string[]> {
  const rows = rowsOf(await warehouse.read(sql`SELECT * FROM ${tableRef(table)}`))
  return rows
    .map((row) => JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value)))
    .toSorted()
}

async function columnsOf(model: string): Promise<Readonly<Record<string, unknown>>> {
  const columns = (await warehouse.introspect(predictionTable(model))) ?? []
  return Object.fromEntries(columns.map(({ name, type }) => [name, type]))
}

const numbered = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) =>
    logLine({ requestId: `r-${i}`, keys: { customer_id: `c${i % 7}` }, prediction: { prediction: i } }),
  )

describe('lines of the log as rows', () => {
  it('have typed columns for keys, outputs and features, and are found again by file and line', async () => {
    const folder = await logFolder({
      '2026-01-10/a.jsonl': [
        logLine(),
        logLine({
          row: 1,
          keys: { customer_id: 'b', site: 9_007_199_254_740_993n.toString() },
          missing: { usage__kwh_1d: 'STALE' },
          role: 'shadow',
          prediction: { chance: 0.25, word: 'x', many: [[1, 2]] },
        }),
      ],
    })
    const loaded = await loadPredictions({ warehouse, folder, model: 'typed' })
    expect(loaded).toMatchObject({ table: 'monitoring.predictions_typed', files: 1, rows: 2, rejected: 0, failed: [] })
    expect(await columnsOf('typed')).toEqual({
      predicted_at: 'timestamp',
      request_id: 'text',
      request_row: 'bigint',
      model_version: 'bigint',
      service: 'text',
      rollout: 'text',
      role: 'text',
      log_file: 'text',
      log_line: 'bigint',
      usage__kwh_1d: 'double',
      usage__kind: 'text',
      prediction__prediction: 'double',
      prediction: 'double',
      customer_id: 'text',
      site: 'text',
      prediction__chance: 'double',
      prediction__word: 'text',
      prediction__many__0: 'double',
      prediction__many__1: 'double',
    })
    const [first, second] = rowsOf(
      await warehouse.read(sql`SELECT * FROM ${tableRef('monitoring.predictions_typed')} ORDER BY log_line`),
    )
    expect(first).toMatchObject({
      request_id: 'r-1',
      customer_id: 'a',
      usage__kwh_1d: 1.5,
      prediction: 34.5,
      role: null,
    })
    expect(first).toMatchObject({ log_file: '2026-01-10/a.jsonl' })
    expect(second).toMatchObject({ usage__kwh_1d: null, prediction: 0.25, prediction__many__1: 2, role: 'shadow' })
    const { epochMicros } = warehouse.leaves
    const [at] = rowsOf(
      await warehouse.read(
        sql`SELECT ${epochMicros(sql`predicted_at`)} AS at FROM ${tableRef('monitoring.predictions_typed')} WHERE log_line = 1`,
      ),
    )
    expect(BigInt(String(at?.['at']))).toBe(BigInt(Date.UTC(2026, 0, 10, 6)) * 1000n + 123n)
  })
  it('take declared types, and a key that is called like one of the columns of every table', async () => {
    const folder = await logFolder({
      'a.jsonl': [
        logLine({
          keys: { service: 7, day: '2026-01-02' },
          values: { v__amount: '12.50', v__on: '2026-01-02', v__at: '2026-01-02T03:04:05.000006Z', v__n: 3 },
        }),
      ],
    })
    await loadPredictions({
      warehouse,
      folder,
      model: 'declared',
      columns: [
        { name: 'service', type: 'integer' },
        { name: 'day', type: 'date' },
        { name: 'v__amount', type: { decimal: [18, 2] } },
        { name: 'v__on', type: 'date' },
        { name: 'v__at', type: 'timestamp' },
        { name: 'v__n', type: 'integer' },
      ],
    })
    expect(await columnsOf('declared')).toMatchObject({
      key__service: 'bigint',
      service: 'text',
      day: 'date',
      v__on: 'date',
      v__at: 'timestamp',
      v__n: 'bigint',
    })
    const [row] = rowsOf(await warehouse.read(sql`SELECT * FROM ${tableRef('monitoring.predictions_declared')}`))
    expect(row).toMatchObject({ service: 'usage_only' })
    expect(Number(row?.['key__service'])).toBe(7)
    expect(Number(row?.['v__amount'])).toBe(12.5)
  })
  it('have doubles for numbers that are no keys, also when the first is written with many digits', async () => {
    const of = (output: number): string => logLine({ keys: { site: 1e17 }, prediction: { kwh: output } })
    const folder = await logFolder({ 'a.jsonl': [of(1e17), of(0.5), of(1e20)] })
    const loaded = await loadPredictions({ warehouse, folder, model: 'large' })
    expect(loaded).toMatchObject({ rows: 3, rejected: 0 })
    expect(await columnsOf('large')).toMatchObject({ site: 'bigint', prediction__kwh: 'double', prediction: 'double' })
  })
  it('keep keys and outputs apart that are called alike, whatever their case', async () => {
    const folder = await logFolder({
      'a.jsonl': [
        logLine({ keys: { prediction: 'k', Role: 3, Site: 'x' } }),
        logLine({ keys: { prediction: 'l', role: 4, site: 'y' }, values: {} }),
        logLine({ keys: { site: 'x', SITE: 'y' } }),
        logLine({ keys: { site: 'z', constructor: 'c', toString: 't' } }),
      ],
      'b.jsonl': [logLine({ keys: { site: 'w' } })],
    })
    const loaded = await loadPredictions({ warehouse, folder, model: 'alike' })
    expect(loaded.findings).toEqual([
      { file: 'a.jsonl', line: 3, reason: 'two of its values have the name of one column' },
    ])
    expect(loaded.rows).toBe(4)
    const rows = rowsOf(
      await warehouse.read(
        sql`SELECT key__prediction, key__role AS r, prediction, site AS s, constructor AS c
          FROM ${tableRef(loaded.table)} ORDER BY log_file, log_line`,
      ),
    )
    expect(
      rows.map((row) => Object.values(row).map((cell) => (typeof cell === 'bigint' ? Number(cell) : cell))),
    ).toEqual([
      ['k', 3, 34.5, 'x', null],
      ['l', 4, 34.5, 'y', null],
      [null, null, 34.5, 'z', 'c'],
      [null, null, 34.5, 'w', null],
    ])
    const types = Object.entries(await columnsOf('alike')).map(([name, type]) => [name.toLowerCase(), type])
    expect(types).toContainEqual(['key__role', 'bigint'])
  })
  it('that are bad are named by file and line, and keep no other back', async () => {
    const folder = await logFolder({
      'a.jsonl': [
        logLine(),
        'no json',
        '',
        logLine({ time: 'yesterday' }),
        '[]',
        logLine({ keys: 3 }),
        logLine({ row: 7 }),
      ],
      'b.jsonl': [logLine({ values: { usage__kwh_1d: 'much' } }), logLine({ row: 8 })],
    })
    const loaded = await loadPredictions({ warehouse, folder, model: 'bad' })
    expect(loaded).toMatchObject({ files: 2, rows: 3, rejected: 5 })
    expect(loaded.findings).toEqual([
      { file: 'a.jsonl', line: 2, reason: 'it is not JSON' },
      { file: 'a.jsonl', line: 4, reason: 'its time is not an ISO 8601 instant in UTC' },
      { file: 'a.jsonl', line: 5, reason: 'it is not a JSON object' },
      { file: 'a.jsonl', line: 6, reason: 'it has no object `keys`' },
      { file: 'b.jsonl', line: 1, reason: 'usage__kwh_1d is a string that does not fit a column of type double' },
    ])
    const kept = rowsOf(
      await warehouse.read(
        sql`SELECT log_file, log_line, reason FROM monitoring.rejected_predictions WHERE model = 'bad' ORDER BY 1, 2`,
      ),
    )
    expect(kept.map((row) => Number(row['log_line']))).toEqual([2, 4, 5, 6, 1])
  })
  it.each([
    ['an empty name', logLine({ values: { '': 1 } }), 'one of its values has a name that no column can have'],
    ['a name with a NUL', logLine({ keys: { 'a\0b': 1 } }), 'one of its values has a name that no column can have'],
    ['half a character', logLine({ values: { '\ud800': 1 } }), 'one of its values has a name that no column can have'],
    [
      'lists in lists without end',
      logLine().replace('34.5', `${'['.repeat(100_000)}1${']'.repeat(100_000)}`),
      'prediction__prediction__0 is a list that does not fit a column of type text',
    ],
  ])('one with %s keeps no other back', async (what, bad, reason) => {
    const folder = await logFolder({ 'a.jsonl': [logLine(), bad, logLine(), bad] })
    const loaded = await loadPredictions({ warehouse, folder, model: what })
    expect(loaded.rows).toBe(2)
    expect(loaded.findings).toEqual([2, 4].map((line) => ({ file: 'a.jsonl', line, reason })))
  })
})

it('long lines come in smaller batches, and one that is too long is named', async () => {
  const long = `${logLine()}${' '.repeat(9_000_000)}`
  const folder = await logFolder({
    'a.jsonl': [...Array.from({ length: 9 }, () => long), 'x'.repeat(68_000_000), logLine()],
  })
  const rows: number[] = []
  const loaded = await loadPredictions({
    warehouse,
    folder,
    model: 'long',
    onProgress: (progress) => rows.push(progress.rows),
  })
  expect(rows).toEqual([8, 10])
  expect(loaded.findings).toEqual([{ file: 'a.jsonl', line: 10, reason: 'it is longer than 64 MiB' }])
})

describe('files come once', () => {
  it('however often they are loaded, renamed or compressed', async () => {
    const folder = await logFolder({ 'd/a.jsonl': numbered(25), 'd/b.jsonl': numbered(3) })
    const load = () => loadPredictions({ warehouse, folder, model: 'once', batch: 10 })
    expect(await load()).toMatchObject({ files: 2, rows: 28 })
    const before = await contentOf(predictionTable('once'))
    expect(await load()).toMatchObject({ files: 0, rows: 0 })
    await writeFile(join(folder, 'd/a.jsonl.gz'), gzipSync(await readFile(join(folder, 'd/a.jsonl'))))
    await rm(join(folder, 'd/a.jsonl'))
    await rename(join(folder, 'd/b.jsonl'), join(folder, 'd/c.jsonl'))
    expect(await load()).toMatchObject({ files: 0, rows: 0 })
    await writeLog(folder, 'd/e.jsonl', numbered(2))
    expect(await load()).toMatchObject({ files: 1, rows: 2 })
    await rm(join(folder, 'd/e.jsonl'))
    expect(await load()).toMatchObject({ files: 0, rows: 0 })
    expect(await contentOf(predictionTable('once'))).toHaveLength(before.length + 2)
  })
  it('and an unfinished file waits', async () => {
    const folder = await logFolder({ 'a.jsonl.open': numbered(3) })
    expect(await loadPredictions({ warehouse, folder, model: 'open' })).toMatchObject({ rows: 0 })
  })
  it('a file from which lines were erased replaces its rows', async () => {
    const folder = await logFolder({ 'a.jsonl': numbered(14) })
    await loadPredictions({ warehouse, folder, model: 'erased' })
    await writeLog(
      folder,
      'a.jsonl',
      numbered(14).filter((line) => !line.includes('"c3"')),
    )
    expect(await loadPredictions({ warehouse, folder, model: 'erased' })).toMatchObject({ rows: 12 })
    const rows = rowsOf(await warehouse.read(sql`SELECT customer_id FROM ${tableRef(predictionTable('erased'))}`))
    expect(rows).toHaveLength(12)
    expect(rows.some((row) => row['customer_id'] === 'c3')).toBe(false)
  })
  it('also where logs are rotated: names move on, and the first one is used again', async () => {
    const lines = (name: string, count: number): readonly string[] =>
      Array.from({ length: count }, (_, i) => logLine({ requestId: `${name}-${i}` }))
    const folder = await logFolder({ 'a.1.jsonl': lines('old', 30), 'a.jsonl': [...lines('new', 20), 'no json'] })
    const load = () => loadPredictions({ warehouse, folder, model: 'rotated', batch: 8 })
    const move = (from: string, to: string) => rename(join(folder, from), join(folder, to))
    const requests = async () =>
      rowsOf(await warehouse.read(sql`SELECT request_id FROM ${tableRef(predictionTable('rotated'))}`))
        .map((row) => String(row['request_id']))
        .toSorted()
    expect(await load()).toMatchObject({ rows: 50, rejected: 1 })
    await move('a.1.jsonl', 'a.2.jsonl')
    await move('a.jsonl', 'a.1.jsonl')
    await writeLog(folder, 'a.jsonl', lines('newer', 10))
    // The rows of a.1.jsonl went with their name, and come again with a.2.jsonl.
    expect(await load()).toMatchObject({ rows: 40, rejected: 0 })
    expect(await load()).toMatchObject({ files: 0, rows: 0 })
    const all = [...lines('old', 30), ...lines('new', 20), ...lines('newer', 10)]
    const ids = (of: readonly string[]) => of.map((line) => line.replace(/.*"requestId":"([^"]*)".*/, '$1')).toSorted()
    expect(await requests()).toEqual(ids(all))
    // A file that grew beside a copy of what it was brings its lines once.
    await writeLog(folder, 'copy.jsonl', lines('newer', 10))
    await load()
    await writeLog(folder, 'a.jsonl', lines('newer', 12))
    await load()
    expect(await requests()).toEqual(ids([...lines('old', 30), ...lines('new', 20), ...lines('newer', 12)]))
    const rejected = rowsOf(
      await warehouse.read(sql`SELECT log_file, log_line FROM monitoring.rejected_predictions WHERE model = 'rotated'`),
    )
    expect(rejected.map((row) => [row['log_file'], Number(row['log_line'])])).toEqual([['a.1.jsonl', 21]])
  })
  it('a file that was moved before lines were erased from it replaces its rows', async () => {
    const folder = await logFolder({ 'a.jsonl': numbered(14) })
    const load = () => loadPredictions({ warehouse, folder, model: 'moved' })
    await load()
    await rename(join(folder, 'a.jsonl'), join(folder, 'b.jsonl'))
    expect(await load()).toMatchObject({ rows: 0 })
    await writeLog(
      folder,
      'b.jsonl',
      numbered(14).filter((line) => !line.includes('"c3"')),
    )
    expect(await load()).toMatchObject({ rows: 12 })
    expect(await contentOf(predictionTable('moved'))).toHaveLength(12)
  })
  it('copies bring their lines once, also after the same lines were erased from each', async () => {
    const folder = await logFolder({ 'b.jsonl': numbered(14), 'c.jsonl': numbered(14) })
    const load = () => loadPredictions({ warehouse, folder, model: 'copied' })
    expect(await load()).toMatchObject({ files: 1, rows: 14 })
    await writeLog(folder, 'a.jsonl', numbered(14))
    expect(await load()).toMatchObject({ rows: 0 })
    const kept = numbered(14).filter((line) => !line.includes('"c3"'))
    for (const file of ['a.jsonl', 'b.jsonl', 'c.jsonl']) await writeLog(folder, file, kept)
    await load()
    expect(await contentOf(predictionTable('copied'))).toHaveLength(12)
    expect(await load()).toMatchObject({ files: 0, rows: 0 })
  })
  it('also when a run ends at any transaction, and another goes on', async () => {
    const files = { 'a.jsonl': [...numbered(9), 'broken'], 'b.jsonl': numbered(4) }
    const whole = await logFolder(files)
    await loadPredictions({ warehouse, folder: whole, model: 'whole', batch: 4 })
    const expected = await contentOf(predictionTable('whole'))
    for (const ends of testEngine === 'duckdb' ? [1, 2, 4] : [2]) {
      const folder = await logFolder(files)
      const stop = new AbortController()
      let transactions = 0
      const model = `stopped_${ends}`
      const onProgress = (): void => {
        if (++transactions === ends) stop.abort()
      }
      await expect(
        loadPredictions({ warehouse, folder, model, batch: 4, signal: stop.signal, onProgress }),
      ).rejects.toMatchObject({ code: 'CANCELLED' })
      await loadPredictions({ warehouse, folder, model, batch: 3 })
      expect(await contentOf(predictionTable(model))).toEqual(expected)
      const [bad] = rowsOf(
        await warehouse.read(sql`SELECT COUNT(*) AS n FROM monitoring.rejected_predictions WHERE model = ${model}`),
      )
      expect(Number(bad?.['n'])).toBe(1)
    }
  })
  it('also when two load at once', async () => {
    const folder = await logFolder({ 'a.jsonl': numbered(20), 'b.jsonl': numbered(10) })
    const load = () => loadPredictions({ warehouse, folder, model: 'race', batch: 10 })
    const both = await Promise.all([load(), load()])
    expect(both.reduce((sum, { rows }) => sum + rows, 0)).toBe(30)
    expect(await contentOf(predictionTable('race'))).toHaveLength(30)
  })
})

it('models whose names are no plain identifiers have tables of their own', () => {
  expect(predictionTable('next_day')).toBe('monitoring.predictions_next_day')
  const tables = ['a-b', 'a_b', 'a.b', 'A_b'].map(predictionTable)
  expect(new Set(tables.map((table) => table.toLowerCase())).size).toBe(4)
  expect(tables.every((table) => /^monitoring\.predictions_\w+$/.test(table))).toBe(true)
})
