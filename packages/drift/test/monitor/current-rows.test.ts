import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { writeParquet, type Warehouse } from '@martlet/warehouse'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { profileReference, runDrift, type ReferenceProfile } from '../../src/index.ts'
import { columnResult, findingsOf, metricOf, tableOf } from '../tables.ts'
import { day, now, openTrained, rowsFrom, start, tableOfRows, windowsFrom, type Row } from './trained-rows.ts'

let warehouse: Warehouse
let profile: ReferenceProfile
let training: string
let folder: string

beforeAll(async () => {
  ;({ warehouse, profile, training } = await openTrained())
  folder = await mkdtemp(join(tmpdir(), 'martlet-drift-'))
})
afterAll(async () => {
  await warehouse.close()
  await rm(folder, { recursive: true })
})

describe('serving logs', () => {
  const line = ({ time, kwh, tariff, prediction }: Row, i: number): string =>
    JSON.stringify({
      requestId: `r${i}`,
      time: time.toISOString(),
      model: 'next_day',
      version: 3,
      row: 0,
      keys: { customer_id: 'c' },
      values: { usage__kwh_7d: kwh, usage__tariff: tariff },
      prediction: { variable: prediction },
    })

  it('are read as JSON lines, plain and gzipped, with the prediction', async () => {
    const rows = rowsFrom(2, start + 30 * day, 4)
    const [a, b] = [join(folder, 'a.jsonl'), join(folder, 'b.jsonl.gz')]
    await writeFile(a, `${rows.slice(0, 200).map(line).join('\n')}\n`)
    await writeFile(b, gzipSync(rows.slice(200).map(line).join('\n')))
    const result = await runDrift({
      warehouse,
      profile,
      current: { log: [a, b] },
      windows: windowsFrom(start + 30 * day, 4),
      now,
      record: false,
    })
    expect(result.windows.map(({ rows: count }) => count)).toEqual([100, 100, 100, 100])
    expect([result.exitCode, findingsOf(result).length, columnResult(result, 'prediction').values]).toEqual([0, 0, 100])
  })
  it('count lines once that are in several files, compressed or moved', async () => {
    const [first, second] = [0, 1].map((at) =>
      rowsFrom(2, start + (30 + at) * day, 1)
        .map(line)
        .join('\n'),
    )
    const names = ['same.jsonl', 'same.jsonl.gz', 'moved.jsonl', 'next.jsonl.gz'].map((name) => join(folder, name))
    const [plain = '', packed = '', moved = '', next = ''] = names
    for (const path of [plain, moved]) await writeFile(path, first ?? '')
    await writeFile(packed, gzipSync(first ?? ''))
    await writeFile(next, gzipSync(second ?? ''))
    const counted = async (log: readonly string[]) => {
      const windows = windowsFrom(start + 30 * day, 2)
      const result = await runDrift({ warehouse, profile, current: { log }, windows, now, record: false })
      return result.windows.map(({ rows }) => rows)
    }
    expect(await counted(names)).toEqual([100, 100])
    expect(await counted([packed, next])).toEqual([100, 100])
  })
  it('have whole numbers that are categories as the reference has them', async () => {
    const relation = await tableOf(warehouse, {
      usage__code: { type: 'integer', values: Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? 1 : 7)) },
    })
    const coded = await profileReference(warehouse, {
      name: 'codes',
      relation,
      columns: [{ name: 'usage__code', type: 'integer', as: 'category' }],
      now,
    })
    const path = join(folder, 'codes.jsonl')
    await writeFile(
      path,
      Array.from({ length: 100 }, (_, i) =>
        JSON.stringify({ time: now.toISOString(), values: { usage__code: i % 2 === 0 ? 1 : 7 } }),
      ).join('\n'),
    )
    const result = await runDrift({ warehouse, profile: coded, current: { log: [path] }, now, record: false })
    expect([result.status, findingsOf(result), columnResult(result, 'usage__code').severity]).toEqual([
      'ok',
      [],
      'none',
    ])
  })
  it.each(['constructor', 'toString', '__proto__'])('have no %s where a line has none', async (name) => {
    const rows = 100
    const relation = await tableOf(warehouse, {
      [name]: { type: 'text', values: Array.from({ length: rows }, (_, i) => (i % 2 === 0 ? 'a' : 'b')) },
    })
    const columns = [{ name, type: 'text' }] as const
    const own = await profileReference(warehouse, { name: 'own_names', relation, columns, now })
    const path = join(folder, 'own-names.jsonl')
    await writeFile(path, Array.from({ length: rows }, () => JSON.stringify({ time: now.toISOString() })).join('\n'))
    const result = await runDrift({ warehouse, profile: own, current: { log: [path] }, now, record: false })
    expect(columnResult(result, name)).toMatchObject({ nullRate: 1, values: 0 })
  })
  it('are read as Parquet with features as columns', async () => {
    const table = await tableOfRows(warehouse, rowsFrom(3, start + 30 * day, 2, 1.5), {
      time: 'time',
      kwh: 'usage__kwh_7d',
      tariff: 'usage__tariff',
    })
    const path = join(folder, 'log.parquet')
    await writeParquet(warehouse, sql`SELECT *, 'm' AS model, 1 AS version FROM ${sql.table(table)}`, path)
    const result = await runDrift({ warehouse, profile, current: { log: [path] }, now, record: false })
    expect([result.status, result.lookAt]).toEqual(['drift', ['usage__kwh_7d', 'prediction']])
  })
  it('leave out what was predicted in shadow, which was never answered', async () => {
    const rows = rowsFrom(2, start + 30 * day, 2)
    const shadow = (text: string): string => JSON.stringify({ ...JSON.parse(text), rollout: 1, role: 'shadow' })
    const path = join(folder, 'shadow.jsonl')
    await writeFile(path, rows.map((row, i) => `${line(row, i)}\n${shadow(line(row, i))}\n`).join(''))
    const table = await tableOfRows(warehouse, rows, { time: 'time', kwh: 'usage__kwh_7d', tariff: 'usage__tariff' })
    const parquet = join(folder, 'shadow.parquet')
    await writeParquet(
      warehouse,
      sql`
        SELECT *, 1 AS rollout, 'stable' AS role FROM ${sql.table(table)}
        UNION ALL SELECT *, 1, 'shadow' FROM ${sql.table(table)}
        UNION ALL SELECT *, NULL, NULL FROM ${sql.table(table)}
      `,
      parquet,
    )
    const counted = async (file: string): Promise<readonly number[]> =>
      (
        await runDrift({
          warehouse,
          profile,
          current: { log: [file] },
          windows: windowsFrom(start + 30 * day, 2),
          now,
          record: false,
        })
      ).windows.map(({ rows: count }) => count)
    expect(await counted(path)).toEqual([100, 100])
    expect(await counted(parquet)).toEqual([200, 200])
  })
  it('leave out lines that are no predictions, and say so in the window of the line before', async () => {
    const days = [0, 1].map((at) => rowsFrom(2, start + (30 + at) * day, 1).map(line))
    const [first, second] = [join(folder, 'broken-1.jsonl'), join(folder, 'broken-2.jsonl.gz')]
    await writeFile(first, ['{"time": ', '7', ...(days[0] ?? []), '{"time": "yesterday"}', ''].join('\n'))
    await writeFile(second, gzipSync((days[1] ?? []).join('\n')))
    const run = async (log: readonly string[]) =>
      runDrift({
        warehouse,
        profile,
        current: { log },
        windows: windowsFrom(start + 30 * day, 2),
        now,
        record: false,
      })
    const { windows, exitCode } = await run([first, second])
    expect(windows.map(({ rows, status }) => [rows, status])).toEqual([
      [100, 'warn'],
      [100, 'ok'],
    ])
    expect(windows[0]?.findings).toEqual([
      {
        kind: 'rejectedLines',
        column: null,
        severity: 'warn',
        sentence:
          '3 lines of the log are no predictions and left out; the first is broken-1.jsonl, line 1: it is not JSON.',
        reference: 0,
        current: 0.0291262135922,
        q: null,
      },
    ])
    expect([exitCode, (await run([first])).exitCode]).toEqual([0, 3])
  })
  it('leave out a day that its month does not have, rather than count it on another', async () => {
    const path = join(folder, 'rolled.jsonl')
    const days = rowsFrom(2, start + 30 * day, 1).map(line)
    await writeFile(path, [...days, '{"time":"2026-02-30T06:00:00.000Z"}'].join('\n'))
    const { windows } = await runDrift({ warehouse, profile, current: { log: [path] }, now, record: false })
    expect(windows[0]?.rows).toBe(100)
    expect(windows[0]?.findings.find(({ kind }) => kind === 'rejectedLines')?.sentence).toBe(
      '1 line of the log is no prediction and left out; it is rolled.jsonl, line 101: its time is not an ISO 8601 instant.',
    )
  })
  it('read on behind a compressed file that was cut off', async () => {
    const whole = rowsFrom(2, start + 30 * day, 1).map(line)
    const [cut, after, none] = ['cut-1.jsonl.gz', 'cut-2.jsonl', 'cut-3.jsonl'].map((name) => join(folder, name))
    if (cut === undefined || after === undefined || none === undefined) throw new Error('three files')
    await writeFile(cut, gzipSync(whole.join('\n')).subarray(0, 200))
    await writeFile(after, whole.join('\n'))
    await writeFile(none, 'no log at all\n')
    const run = async (log: readonly string[]) =>
      runDrift({ warehouse, profile, current: { log }, windows: windowsFrom(start + 30 * day, 1), now, record: false })
    const one = await run([cut, after])
    expect([one.windows[0]?.rows, one.exitCode, one.sentence]).toEqual([
      100,
      2,
      '1 line of the log is no prediction and left out; it is cut-1.jsonl.gz, line 1: the file is broken behind it ' +
        '(unexpected end of file). Nothing else changed.',
    ])
    const other = await run([none])
    expect([other.status, other.severity, other.exitCode]).toEqual(['no_data', 'crit', 3])
    expect(other.windows[0]?.findings.map(({ sentence }) => sentence)).toContain(
      '1 line of the log is no prediction and left out; it is cut-3.jsonl, line 1: it is not JSON.',
    )
  })
  it('that do not exist are an error', async () => {
    await expect(
      runDrift({ warehouse, profile, current: { log: [join(folder, 'no.jsonl')] }, now }),
    ).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

describe('exact counts', () => {
  it('are made when bins leave a floor open and the reference rows are given', async () => {
    const relation = await tableOfRows(warehouse, rowsFrom(10, start + 30 * day, 3, 0.5), {
      time: 'ts',
      kwh: 'usage__kwh_7d',
      tariff: 'usage__tariff',
    })
    const ksOf = async (floor: number, reference?: string) => {
      const policy = { floors: { ks: { warn: floor, crit: 0.9 } } }
      const result = await runDrift({
        warehouse,
        profile,
        current: { relation, ignore: ['ts'] },
        policy,
        now,
        record: false,
        ...(reference === undefined ? {} : { reference }),
      })
      return metricOf(columnResult(result, 'usage__kwh_7d'), 'ks')
    }
    const open = await ksOf(0.9)
    const [low, high] = open.interval ?? [0, 0]
    expect(high).toBeGreaterThan(low)
    const between = (low + high) / 2 - (open.noise ?? 0)
    expect((await ksOf(between)).interval).not.toBeNull()
    expect((await ksOf(0.9, training)).interval).not.toBeNull()
    const exact = await ksOf(between, training)
    expect(exact.interval).toBeNull()
    expect(exact.value).toBeGreaterThanOrEqual(low)
    expect(exact.value).toBeLessThanOrEqual(high)
  })
})

describe('feature tables', () => {
  it('are compared under the names of the vector', async () => {
    const table = await tableOfRows(warehouse, rowsFrom(4, start + 30 * day, 1), {
      time: 'feature_time',
      kwh: 'kwh_7d',
      tariff: 'tariff',
    })
    const result = await runDrift({
      warehouse,
      profile,
      current: { featureTable: table, view: 'usage' },
      windows: windowsFrom(start + 30 * day, 1),
      now,
      record: false,
    })
    expect([result.exitCode, result.columns.map(({ name }) => name)]).toEqual([0, ['usage__kwh_7d', 'usage__tariff']])
    await expect(
      runDrift({ warehouse, profile, current: { featureTable: table, view: 'weather' }, now }),
    ).rejects.toMatchObject({ code: 'PROFILE_VIEW_UNKNOWN' })
  })
})
