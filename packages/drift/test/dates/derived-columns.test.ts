import { columnBatch, ensureTable, sql, temporaryTableName, type ColumnType, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import {
  keptColumns,
  profileFromJson,
  profileNumbers,
  profileOfColumns,
  profileReference,
  profileToJson,
  runDrift,
  type DriftResult,
  type ReferenceProfile,
  type TimeWindow,
} from '../../src/index.ts'
import { uniform } from '../random.ts'
import { columnResult, findingsOf } from '../tables.ts'

const HOUR = 3_600_000_000n
const DAY = 24n * HOUR
const start = BigInt(Date.parse('2026-01-05T00:00:00Z')) * 1000n
const now = new Date('2026-06-01T00:00:00Z')
/** Tables here are as long as a test needs. */
const policy = { volume: { warn: 1e6, crit: 1e6 } }
const at = (day: number): Date => new Date(Number((start + BigInt(day) * DAY) / 1000n))
const days = (first: number, length = 1): TimeWindow => ({ from: at(first), to: at(first + length) })

/** Instants in microseconds: when the row happened, and what its column says. */
interface Row {
  readonly ts: bigint
  readonly opened: bigint | null
}

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openTestWarehouse()
})
afterAll(async () => {
  await warehouse.close()
})

async function tableOf(rows: readonly Row[], type: 'timestamp' | 'date' = 'timestamp'): Promise<string> {
  const { leaves } = warehouse
  const [given, table] = [temporaryTableName('given'), temporaryTableName('dated')]
  const columns = { ts: 'bigint', opened: 'bigint' } as const
  await ensureTable(warehouse, {
    table: given,
    columns: [
      { name: 'ts', type: 'bigint' },
      { name: 'opened', type: 'bigint' },
    ],
  })
  await warehouse.append(
    given,
    columnBatch({
      ts: { type: columns.ts, values: rows.map(({ ts }) => ts) },
      opened: { type: columns.opened, values: rows.map(({ opened }) => opened) },
    }),
  )
  const instant = (name: string) => leaves.fromEpochMicros(sql.id(name))
  await warehouse.run(
    leaves.createTableAs(
      table,
      sql`SELECT ${instant('ts')} AS ts, CAST(${instant('opened')} AS ${leaves.columnType(type)}) AS opened FROM ${sql.id(given)}`,
    ),
  )
  return table
}

async function profileOf(rows: readonly Row[], type: 'timestamp' | 'date' = 'timestamp'): Promise<ReferenceProfile> {
  return profileReference(warehouse, {
    name: 'dated',
    relation: await tableOf(rows, type),
    columns: [{ name: 'opened', type }],
    time: 'ts',
    now,
  })
}

async function compare(
  profile: ReferenceProfile,
  rows: readonly Row[],
  windows: readonly TimeWindow[],
): Promise<DriftResult> {
  const relation = await tableOf(rows)
  return runDrift({ warehouse, profile, current: { relation, time: 'ts' }, windows, now, policy, record: false })
}

/** Rows spread over days, each opened up to two days before, to the microsecond. */
function opened(
  seed: number,
  first: number,
  length: number,
  perDay: number,
  change = (row: Row, _: number) => row,
): Row[] {
  const draw = uniform(seed)
  return Array.from({ length: length * perDay }, (_, i) => {
    const ts = start + BigInt(first) * DAY + (BigInt(i) * DAY) / BigInt(perDay) + BigInt(Math.floor(draw() * 1e6))
    return change({ ts, opened: ts - 1n - BigInt(Math.floor(draw() ** 2 * 48 * 3.6e9)) }, draw())
  })
}

const floor = (value: bigint, unit: bigint): bigint => value - (((value % unit) + unit) % unit)

describe('what stands for a date or instant', () => {
  it.each([1, 2, 3])('is as a slow twin computes it, seed %i', async (seed) => {
    const draw = uniform(seed)
    const units = [DAY, HOUR, 60_000_000n, 1_000_000n, 1000n, 1n]
    const names = ['midnight', 'whole hours', 'whole minutes', 'whole seconds', 'milliseconds', 'microseconds']
    const sentinels = [
      ['year 1', -62_135_596_800_000_000n],
      ['1900-01-01', -2_208_988_800_000_000n],
      ['1970-01-01', 3_600_000_000n],
      ['9999-12-31', 253_402_300_799_000_000n],
    ] as const
    const rows = Array.from({ length: 400 }, (_, i): Row => {
      const ts = start + BigInt(i) * HOUR
      if (draw() < 0.05) return { ts, opened: null }
      if (draw() < 0.1) return { ts, opened: sentinels[Math.floor(draw() * 4)]?.[1] ?? null }
      const reach = draw() < 0.3 ? 2000 * 365 : 30
      const value =
        ts - BigInt(Math.floor((draw() - 0.2) * reach * 86_400)) * 1_000_000n + BigInt(Math.floor(draw() * 1e6))
      return { ts, opened: floor(value, units[Math.floor(draw() * 6)] ?? 1n) }
    })
    const formOf = ({ ts, opened: value }: Row): string | null => {
      if (value === null) return null
      const sentinel = sentinels.find(([name, instant]) =>
        name === 'year 1' ? value < instant + 365n * DAY : floor(value, DAY) === floor(instant, DAY),
      )
      const unit = names[units.findIndex((one) => floor(value, one) === value)]
      return sentinel?.[0] ?? `${unit}${value > ts ? ', ahead' : ''}`
    }
    const profile = await profileOf(rows)
    const named = (name: string) => profile.columns.find((column) => column.name === name)
    const forms = new Map<string, number>()
    for (const row of rows) {
      const form = formOf(row)
      if (form !== null) forms.set(form, (forms.get(form) ?? 0) + 1)
    }
    const form = named('opened (form)')
    expect(form?.kind === 'category' && new Map(form.top.map(({ value, count }) => [value, count]))).toEqual(forms)
    const known = new Set<string>(sentinels.map(([name]) => name))
    const end = rows.at(-1)?.ts ?? 0n
    const age = named('opened (age in hours)')
    if (age?.kind !== 'number' || age.derived === undefined) throw new Error('there is no age')
    const since = age.derived.since
    const ages = rows.map((row) =>
      row.opened === null || known.has(formOf(row) ?? '')
        ? null
        : Number((since === 'row' ? row.ts : end) - row.opened) / 3.6e9,
    )
    const twin = profileNumbers({ name: age.name, type: 'double' }, ages)
    expect(age.nulls).toBe(twin.nulls)
    expect(age.counts).toEqual(twin.counts)
    for (const [index, edge] of age.edges.entries()) expect(edge / (twin.edges[index] ?? 0)).toBeCloseTo(1, 12)
  })

  it('is told in words: values ahead, sentinels, truncation, and values that no longer come', async () => {
    const profile = await profileOf(opened(1, 0, 30, 50))
    const told = async (change: (row: Row, chance: number) => Row) =>
      compare(profile, opened(2, 30, 2, 400, change), [days(30, 2)])
    const same = await told((row) => row)
    expect(same.status).toBe('ok')
    expect(findingsOf(same)).toEqual([])
    const ahead = await told((row, chance) => (chance < 0.04 ? { ...row, opened: row.ts + HOUR } : row))
    expect(findingsOf(ahead).map(({ kind, severity, sentence }) => [kind, severity, sentence])).toEqual([
      ['future', 'warn', 'opened: 4.1 % of values lie after the time of their row; the reference had none.'],
    ])
    const unknown = await told((row, chance) => (chance < 0.3 ? { ...row, opened: 0n } : row))
    expect(findingsOf(unknown).map(({ kind, severity, sentence }) => [kind, severity, sentence])).toEqual([
      ['sentinel', 'crit', 'opened: 32 % of values are 1970-01-01; the reference had none.'],
    ])
    expect(unknown.windows[0]?.causes.map(({ columns }) => columns)).toEqual([['opened', 'opened (form)']])
    const cut = await told((row) => ({ ...row, opened: floor(row.opened ?? 0n, DAY) }))
    expect(columnResult(cut, 'opened (form)')).toMatchObject({
      status: 'drift',
      move: { words: 'is "midnight" in 100 % of its values (0 % before)' },
    })
    const stopped = await told((row) => ({ ...row, opened: (row.opened ?? 0n) - 3n * DAY }))
    expect(columnResult(stopped, 'opened (age in hours)')).toMatchObject({ status: 'drift' })
    expect(columnResult(stopped, 'opened (age in hours)').move?.words).toMatch(/^rose by \d+ %$/)
    expect(columnResult(stopped, 'opened (form)').status).toBe('ok')
  })

  it('does not get old where it does not move with its rows', async () => {
    const rows = (first: number, length: number, value: (i: number) => bigint): Row[] =>
      Array.from({ length: length * 100 }, (_, i) => ({
        ts: start + BigInt(first) * DAY + (BigInt(i) * DAY) / 100n,
        opened: value(i),
      }))
    const born = (seed: number, years = 0): ((i: number) => bigint) => {
      const draw = uniform(seed)
      return () => floor(start - BigInt(Math.floor((20 + 50 * draw() - years) * 365)) * DAY, DAY)
    }
    const profile = await profileOf(rows(0, 100, born(1)), 'date')
    expect(profile.columns.map(({ derived }) => derived?.since)).toEqual([undefined, 'row', 'row'])
    const now = [...rows(130, 4, born(2)), ...rows(134, 4, born(3, 15))]
    const result = await compare(profile, now, [days(130, 4), days(134, 4)])
    expect(result.windows.map(({ status }) => status)).toEqual(['ok', 'drift'])
    expect(result.lookAt).toEqual(['opened (age in hours)'])
    const tariff = (from: bigint) => (i: number) => start - (from + BigInt(i % 4)) * 30n * DAY
    const fixed = await profileOf(rows(0, 100, tariff(1n)))
    expect(fixed.columns[1]?.derived?.since).toEqual({ instant: fixed.time?.to })
    const later = await compare(
      fixed,
      [...rows(400, 4, tariff(1n)), ...rows(404, 4, tariff(-6n))],
      [days(400, 4), days(404, 4)],
    )
    expect(later.windows.map(({ status }) => status)).toEqual(['ok', 'drift'])
  })

  it('has no midnights of its own in windows that are shorter than a day', async () => {
    const hourly = (row: Row): Row => ({ ts: floor(row.ts, HOUR), opened: floor(row.ts, HOUR) - HOUR })
    const profile = await profileOf(opened(1, 0, 20, 240, hourly))
    const windows = Array.from({ length: 4 }, (_, i) => ({
      from: new Date(at(20).getTime() + i * 3_600_000),
      to: new Date(at(20).getTime() + (i + 1) * 3_600_000),
    }))
    const result = await compare(profile, opened(2, 20, 1, 2400, hourly), windows)
    expect(result.windows.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'ok'])
    expect(result.columns.find(({ name }) => name === 'opened (form)')?.labels).toEqual([
      'whole hours',
      '(other)',
      '(unseen)',
    ])
  })

  it('learns from hours without their midnights', async () => {
    const hourly = (row: Row): Row => ({ ts: row.ts, opened: floor(row.ts, HOUR) - HOUR })
    const rows = opened(1, 0, 2, 2400, (row) => {
      const isLatest = row.ts >= start + 28n * HOUR
      return isLatest ? { ts: row.ts, opened: floor(row.ts, 60_000_000n) - HOUR } : hourly(row)
    })
    const hour = (at: number): Date => new Date(Number((start + BigInt(at) * HOUR) / 1000n))
    const result = await runDrift({
      warehouse,
      profile: profileOfColumns('dated', [{ name: 'opened', type: 'timestamp' }]),
      current: { relation: await tableOf(rows), time: 'ts' },
      windows: [{ from: hour(28), to: hour(29) }],
      against: { windows: 8 },
      now,
      policy,
      record: false,
    })
    expect(columnResult(result, 'opened (form)')).toMatchObject({ status: 'drift' })
  })

  it('is measured from earlier rows, too, and left out by profiles from before and by monitors of other columns', async () => {
    const rows = [...opened(1, 0, 20, 50), ...opened(2, 20, 1, 400, (row) => ({ ...row, opened: row.ts + HOUR }))]
    const relation = await tableOf(rows)
    const result = await runDrift({
      warehouse,
      profile: profileOfColumns('dated', [{ name: 'opened', type: 'timestamp' }]),
      current: { relation, time: 'ts' },
      windows: [days(20)],
      against: { trailing: '14d' },
      now,
      policy,
      record: false,
    })
    expect(findingsOf(result).map(({ kind }) => kind)).toEqual(['future'])
    expect(result.columns.map(({ name }) => name)).toEqual(['opened', 'opened (age in hours)', 'opened (form)'])
    const profile = await profileOf(opened(1, 0, 20, 50))
    const old = profileFromJson(
      profileToJson({ ...profile, columns: profile.columns.filter(({ derived }) => derived === undefined) }),
    )
    const before = await compare(old, rows, [days(20)])
    expect(before.windows[0]?.columns.map(({ name, status }) => [name, status])).toEqual([['opened', 'ok']])
    expect(keptColumns(profile.columns, ({ name }) => name === 'opened')).toEqual(profile.columns)
    expect(keptColumns(profile.columns, ({ name }) => name !== 'opened')).toEqual([])
  })

  it.each(['opened (form)', 'OPENED (Form)'])('leaves a column that is called %s as it is', async (name) => {
    const relation = await tableOf(opened(1, 0, 20, 50))
    const own = sql`SELECT ts, opened, 'mine' AS ${sql.id(name)} FROM ${sql.id(relation)}`
    const columns = [{ name: 'opened', type: 'timestamp' }] as const
    const named = await profileReference(warehouse, { name: 'dated', relation: own, columns, time: 'ts', now })
    expect(named.columns.map((column) => column.name)).toEqual(['opened', 'opened (age in hours)'])
    const profile = await profileOf(opened(1, 0, 20, 50))
    const result = await runDrift({
      warehouse,
      profile,
      current: { relation: own, time: 'ts' },
      now,
      policy,
      record: false,
    })
    expect(result.windows[0]?.columns.map((column) => column.name)).toEqual(['opened', 'opened (age in hours)'])
    expect(findingsOf(result).map(({ kind, column }) => [kind, column?.toLowerCase()])).toEqual([
      ['extraColumn', name.toLowerCase()],
    ])
  })

  it('follows a date that is missing, of another type, or muted', async () => {
    const profile = await profileOf(opened(1, 0, 20, 50))
    const relation = await tableOf(opened(2, 20, 1, 400, (row) => ({ ...row, opened: floor(row.ts, DAY) })))
    const run = (selected: ReturnType<typeof sql>, muted = false): Promise<DriftResult> =>
      runDrift({
        warehouse,
        profile,
        current: { relation: sql`SELECT ts, ${selected} FROM ${sql.id(relation)}`, time: 'ts' },
        windows: [days(20)],
        mutes: muted ? [{ column: 'opened', until: '2026-07-01', by: 'Ann', reason: 'known' }] : [],
        now,
        policy,
        record: false,
      })
    expect(findingsOf(await run(sql`1 AS other`)).map(({ kind, column }) => [kind, column])).toEqual([
      ['missingColumn', 'opened'],
      ['extraColumn', 'other'],
    ])
    const date: ColumnType = 'date'
    const asDate = await run(sql`CAST(opened AS ${warehouse.leaves.columnType(date)}) AS ${sql.id('opened')}`)
    expect(asDate.lookAt).toContain('opened (form)')
    expect(await run(sql`${sql.id('opened')}`, true)).toMatchObject({ status: 'ok' })
  })
})
