import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { rowsOf, writeParquet, type Warehouse } from '@martlet/warehouse'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestWarehouse } from '../../warehouse/test/support/engine.ts'
import {
  policyFrom,
  profileReference,
  readProfile,
  recordDrift,
  runDrift,
  storeProfile,
  vectorColumns,
  type ReferenceProfile,
} from '../src/index.ts'
import { exitCode } from '../src/verdict/judge-run.ts'
import { normal, sample } from './random.ts'
import { columnResult, findingsOf, metricOf, tableOf } from './tables.ts'

let warehouse: Warehouse
let folder: string
let profile: ReferenceProfile
let training: string

const day = 86_400_000
const start = Date.parse('2026-01-05T00:00:00Z')
const now = new Date(start + 40 * day)
const columns = [
  { name: 'usage__kwh_7d', type: 'double' as const },
  { name: 'usage__tariff', type: 'text' as const },
  { name: 'prediction', type: 'double' as const, role: 'prediction' as const },
]

interface Row {
  readonly time: Date
  readonly kwh: number
  readonly tariff: string
  readonly prediction: number
}

function rowsFrom(seed: number, first: number, days: number, shift = 0): Row[] {
  const draw = normal(seed)
  return sample(days * 100, () => draw()).map((kwh, i) => ({
    time: new Date(first + i * (day / 100)),
    kwh: kwh + shift,
    tariff: i % 3 === 0 ? 'day' : 'flat',
    prediction: kwh * 2 + shift,
  }))
}

function tableOfRows(
  rows: readonly Row[],
  names: { readonly time: string; readonly kwh: string; readonly tariff: string },
): Promise<string> {
  return tableOf(warehouse, {
    [names.time]: { type: 'timestamp', values: rows.map(({ time }) => time) },
    [names.kwh]: { type: 'double', values: rows.map(({ kwh }) => kwh) },
    [names.tariff]: { type: 'text', values: rows.map(({ tariff }) => tariff) },
    prediction: { type: 'double', values: rows.map(({ prediction }) => prediction) },
  })
}

const windowsFrom = (first: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({ from: new Date(first + i * day), to: new Date(first + (i + 1) * day) }))

beforeAll(async () => {
  warehouse = await openTestWarehouse()
  folder = await mkdtemp(join(tmpdir(), 'martlet-drift-'))
  training = await tableOfRows(rowsFrom(1, start, 30), {
    time: 'event_time',
    kwh: 'usage__kwh_7d',
    tariff: 'usage__tariff',
  })
  profile = await profileReference(warehouse, {
    name: 'next_day',
    relation: sql`SELECT * FROM ${sql.table(training)}`,
    columns,
    time: 'event_time',
    now: new Date(start + 30 * day),
  })
})
afterAll(async () => {
  await warehouse.close()
  await rm(folder, { recursive: true })
})

describe('profiles', () => {
  it('are kept in the warehouse by name, the newest is read', async () => {
    await storeProfile(warehouse, profile)
    await storeProfile(warehouse, profile)
    const newer = { ...profile, createdAt: new Date(start + 31 * day).toISOString() }
    await storeProfile(warehouse, newer)
    expect(await readProfile(warehouse, 'next_day')).toEqual(newer)
    const [count] = rowsOf<{ n: number }>(
      await warehouse.read(sql`SELECT count(*) AS n FROM monitoring.reference_profiles`),
    )
    expect(count?.n).toBe(2)
  })
  it('that do not exist are named, with those that do', async () => {
    await expect(readProfile(warehouse, 'nope')).rejects.toMatchObject({
      code: 'PROFILE_NOT_FOUND',
      message: expect.stringContaining('next_day'),
    })
  })
  it('refuse columns named twice, also in another case, and ones that are not there', async () => {
    const make = (names: readonly string[]) =>
      profileReference(warehouse, {
        name: 'odd',
        relation: training,
        columns: names.map((name) => ({ name, type: 'double' as const })),
      })
    await expect(make(['usage__kwh_7d', 'USAGE__kwh_7d'])).rejects.toMatchObject({
      code: 'PROFILE_COLUMNS',
      message: expect.stringContaining('named twice'),
    })
    await expect(make(['usage__kwh_7d', 'usage__kwh_8d'])).rejects.toMatchObject({
      code: 'PROFILE_COLUMNS',
      message: expect.stringContaining('no column usage__kwh_8d'),
    })
  })
  it('take their columns from a service vector', () => {
    const field = { name: 'usage__kwh_7d', view: 'usage', feature: 'kwh_7d', type: 'double' as const, nullable: false }
    const code = { ...field, name: 'usage__code', type: 'integer' as const }
    expect(
      vectorColumns([field, code], {
        prediction: { name: 'score', type: 'double' },
        categories: ['usage__code'],
        importance: { usage__kwh_7d: 3 },
      }),
    ).toEqual([
      { name: 'usage__kwh_7d', type: 'double', importance: 3 },
      { name: 'usage__code', type: 'integer', as: 'category' },
      { name: 'score', type: 'double', role: 'prediction' },
    ])
  })
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
  it('are read as Parquet with features as columns', async () => {
    const table = await tableOfRows(rowsFrom(3, start + 30 * day, 2, 1.5), {
      time: 'time',
      kwh: 'usage__kwh_7d',
      tariff: 'usage__tariff',
    })
    const path = join(folder, 'log.parquet')
    await writeParquet(warehouse, sql`SELECT *, 'm' AS model, 1 AS version FROM ${sql.table(table)}`, path)
    const result = await runDrift({ warehouse, profile, current: { log: [path] }, now, record: false })
    expect([result.status, result.lookAt]).toEqual(['drift', ['usage__kwh_7d', 'prediction']])
  })
  it('with a broken line name file and line', async () => {
    const path = join(folder, 'broken.jsonl')
    await writeFile(path, `${rowsFrom(2, start, 1).slice(0, 2).map(line).join('\n')}\n{"time": \n`)
    await expect(runDrift({ warehouse, profile, current: { log: [path] }, now })).rejects.toMatchObject({
      code: 'LOG_LINE_INVALID',
      message: expect.stringContaining('line 3'),
      data: { file: path, line: 3 },
    })
  })
  it('that do not exist are an error', async () => {
    await expect(
      runDrift({ warehouse, profile, current: { log: [join(folder, 'no.jsonl')] }, now }),
    ).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

describe('exact counts', () => {
  it('are made when bins leave a floor open and the reference rows are given', async () => {
    const relation = await tableOfRows(rowsFrom(10, start + 30 * day, 3, 0.5), {
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
    const table = await tableOfRows(rowsFrom(4, start + 30 * day, 1), {
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

describe('the record', () => {
  it('holds every window once, however often it is run, and the same again', async () => {
    const rows = [...rowsFrom(5, start + 30 * day, 3), ...rowsFrom(6, start + 33 * day, 2, 2)]
    const relation = await tableOfRows(rows, { time: 'ts', kwh: 'usage__kwh_7d', tariff: 'usage__tariff' })
    const run = (first: number, count: number) =>
      runDrift({
        warehouse,
        profile,
        current: { relation, time: 'ts' },
        windows: windowsFrom(start + first * day, count),
        monitor: 'nightly',
        now,
      })
    const read = async () =>
      rowsOf(
        await warehouse.read(
          sql`SELECT * FROM monitoring.drift_results WHERE monitor = 'nightly' ORDER BY window_from, column_name, metric`,
        ),
      )
    const result = await run(30, 5)
    const once = await read()
    await run(30, 5)
    await run(32, 2)
    expect(await read()).toEqual(once)
    expect(new Set(once.map((row) => String(row['window_from']))).size).toBe(5)
    expect(result.since).toBe(new Date(start + 33 * day).toISOString())
    expect(result.windows.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'drift', 'drift'])
  })
  it('keeps runs over all rows apart from runs over windows', async () => {
    const relation = await tableOfRows(rowsFrom(7, start + 30 * day, 1), {
      time: 'ts',
      kwh: 'usage__kwh_7d',
      tariff: 'usage__tariff',
    })
    const result = await runDrift({ warehouse, profile, current: { relation, ignore: ['ts'] }, monitor: 'whole', now })
    expect((await recordDrift(warehouse, result)).rows).toBeGreaterThan(0)
    const [count] = rowsOf<{ n: number }>(
      await warehouse.read(
        sql`SELECT count(*) AS n FROM monitoring.drift_results WHERE monitor = 'whole' AND column_name IS NULL`,
      ),
    )
    expect(count?.n).toBe(1)
  })
})

describe('the verdict on a run', () => {
  it('knows late from no data, and old from fresh', async () => {
    const relation = await tableOfRows(rowsFrom(8, start + 30 * day, 1), {
      time: 'ts',
      kwh: 'usage__kwh_7d',
      tariff: 'usage__tariff',
    })
    const run = (clock: Date, policy = {}) =>
      runDrift({
        warehouse,
        profile,
        current: { relation, time: 'ts' },
        windows: windowsFrom(start + 31 * day, 1),
        now: clock,
        policy,
        record: false,
      })
    expect((await run(new Date(start + 31.5 * day))).status).toBe('late')
    expect((await run(new Date(start + 32.1 * day), { arrivalHours: 6 })).status).toBe('late')
    expect((await run(new Date(start + 33 * day))).status).toBe('no_data')
    const stale = await run(new Date(start + 33 * day), { freshnessHours: { warn: 24, crit: 36 } })
    expect([findingsOf(stale)[0]?.kind, findingsOf(stale)[0]?.severity, stale.exitCode]).toEqual([
      'freshness',
      'crit',
      3,
    ])
  })
  it('sees that rows are old though one of the future is among them', async () => {
    const relation = await tableOfRows([...rowsFrom(8, start + 30 * day, 1), ...rowsFrom(8, start + 900 * day, 1)], {
      time: 'ts',
      kwh: 'usage__kwh_7d',
      tariff: 'usage__tariff',
    })
    const windows = windowsFrom(start + 31 * day, 1)
    const stale = await runDrift({
      warehouse,
      profile,
      current: { relation, time: 'ts' },
      windows,
      now: new Date(start + 33 * day),
      policy: { freshnessHours: { warn: 24, crit: 36 } },
      record: false,
    })
    expect(findingsOf(stale)[0]).toMatchObject({ kind: 'freshness', severity: 'crit' })
  })
  it('sees when rows become few or many', async () => {
    const few = rowsFrom(9, start + 30 * day, 1).filter((_, i) => i % 5 < 2)
    const relation = await tableOfRows(few, { time: 'ts', kwh: 'usage__kwh_7d', tariff: 'usage__tariff' })
    const result = await runDrift({
      warehouse,
      profile,
      current: { relation, time: 'ts' },
      windows: windowsFrom(start + 30 * day, 1),
      now,
      record: false,
    })
    expect(findingsOf(result)).toMatchObject([
      { kind: 'volume', severity: 'warn', sentence: expect.stringContaining('times fewer rows') },
    ])
    expect(result.exitCode).toBe(2)
  })
  it('says of more rows how many times as many, and both rates', async () => {
    // 481 rows in 240 hours, then 240 in 24.
    const every = (minutes: number, count: number, first: string) =>
      tableOf(warehouse, {
        x: { type: 'double', values: Array.from({ length: count }, () => 1) },
        ts: {
          type: 'timestamp',
          values: Array.from({ length: count }, (_, i) => new Date(Date.parse(first) + i * minutes * 60_000)),
        },
      })
    const reference = await profileReference(warehouse, {
      name: 'volume',
      relation: await every(30, 481, '2026-01-01'),
      columns: [{ name: 'x', type: 'double' }],
      time: 'ts',
      now,
    })
    const relation = await every(6, 240, '2026-02-01')
    const result = await runDrift({
      warehouse,
      profile: reference,
      current: { relation, time: 'ts' },
      windows: [{ from: new Date('2026-02-01'), to: new Date('2026-02-02') }],
      now,
      record: false,
    })
    expect(findingsOf(result).map(({ sentence }) => sentence)).toEqual([
      '4.99 times as many rows per hour as in the reference (10 against 2).',
    ])
  })
  it('waits for confirmation when told to', async () => {
    const rows = [...rowsFrom(5, start + 30 * day, 1), ...rowsFrom(6, start + 31 * day, 2, 2)]
    const relation = await tableOfRows(rows, { time: 'ts', kwh: 'usage__kwh_7d', tariff: 'usage__tariff' })
    const run = (count: number) =>
      runDrift({
        warehouse,
        profile,
        current: { relation, time: 'ts' },
        windows: windowsFrom(start + 30 * day, count),
        policy: { confirm: { windows: 2, of: 3 } },
        now,
        record: false,
      })
    const first = await run(2)
    expect([first.exitCode, columnResult(first, 'usage__kwh_7d').sentence]).toEqual([
      0,
      expect.stringContaining('Not confirmed yet'),
    ])
    expect((await run(3)).exitCode).toBe(1)
  })
  it('gives the exit codes of its severity', () => {
    const code = (status: Parameters<typeof exitCode>[0], failOn: 'warn' | 'crit' = 'crit') =>
      exitCode(status, { failOn })
    expect(code({ status: 'ok', severity: 'info' })).toBe(0)
    expect(code({ status: 'drift', severity: 'crit' })).toBe(1)
    expect(code({ status: 'warn', severity: 'warn' })).toBe(2)
    expect(code({ status: 'warn', severity: 'warn' }, 'warn')).toBe(1)
    expect(code({ status: 'no_data', severity: 'none' })).toBe(3)
    expect(code({ status: 'not_evaluable', severity: 'none' })).toBe(3)
    expect(code(undefined)).toBe(3)
  })
  it('refuses a policy that cannot be meant', () => {
    expect(() => policyFrom({ alpha: 2 })).toThrow(
      expect.objectContaining({ code: 'POLICY_INVALID', data: { field: 'alpha' } }),
    )
    expect(() => policyFrom({ floors: { psi: { warn: 0.3, crit: 0.1 } } })).toThrow(
      expect.objectContaining({ data: { field: 'psi' } }),
    )
    expect(() => policyFrom({ confirm: { windows: 3, of: 2 } })).toThrow(
      expect.objectContaining({ data: { field: 'confirm' } }),
    )
  })
  it('gives SQL that counts again what the report shows', async () => {
    const relation = await tableOfRows(rowsFrom(6, start + 30 * day, 1, 2), {
      time: 'ts',
      kwh: 'usage__kwh_7d',
      tariff: 'usage__tariff',
    })
    const result = await runDrift({
      warehouse,
      profile,
      current: { relation, time: 'ts' },
      windows: windowsFrom(start + 30 * day, 1),
      now,
      record: false,
    })
    const statement = result.sql.find(({ column }) => column === 'usage__kwh_7d')
    const counted = await warehouse.read(sql`${sql.raw(statement?.sql ?? '')}`)
    const counts = Array.from<unknown, number>(counted.columns[3]?.values ?? [], Number)
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(100)
  })
})
