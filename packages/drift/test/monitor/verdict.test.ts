import type { Warehouse } from '@martlet/warehouse'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { policyFrom, profileReference, runDrift, type Mute, type ReferenceProfile } from '../../src/index.ts'
import { exitCode } from '../../src/verdict/judge-run.ts'
import { columnResult, findingsOf, tableOf } from '../tables.ts'
import { day, now, openTrained, rowsFrom, start, tableOfRows, windowsFrom } from './trained-rows.ts'

let warehouse: Warehouse
let profile: ReferenceProfile

beforeAll(async () => {
  ;({ warehouse, profile } = await openTrained())
})
afterAll(async () => {
  await warehouse.close()
})

describe('the verdict on a run', () => {
  it('knows late from no data, and old from fresh', async () => {
    const relation = await tableOfRows(warehouse, rowsFrom(8, start + 30 * day, 1), {
      time: 'ts',
      kwh: 'usage__kwh_7d',
      tariff: 'usage__tariff',
    })
    const run = (clock: Date, policy = {}, mutes: readonly Mute[] = []) =>
      runDrift({
        warehouse,
        profile,
        current: { relation, time: 'ts' },
        windows: windowsFrom(start + 31 * day, 1),
        now: clock,
        policy,
        mutes,
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
    const muted = await run(new Date(start + 33 * day), { freshnessHours: { warn: 24, crit: 36 } }, [
      { finding: 'freshness', until: '2026-07-01', by: 'Ann', reason: 'the loader rests' },
    ])
    expect(muted).toMatchObject({ status: 'no_data', severity: 'info' })
  })
  it('reports old rows although one of the future is among them', async () => {
    const relation = await tableOfRows(
      warehouse,
      [...rowsFrom(8, start + 30 * day, 1), ...rowsFrom(8, start + 900 * day, 1)],
      {
        time: 'ts',
        kwh: 'usage__kwh_7d',
        tariff: 'usage__tariff',
      },
    )
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
  it('reports when rows become few or many', async () => {
    const few = rowsFrom(9, start + 30 * day, 1).filter((_, i) => i % 5 < 2)
    const relation = await tableOfRows(warehouse, few, { time: 'ts', kwh: 'usage__kwh_7d', tariff: 'usage__tariff' })
    const result = await runDrift({
      warehouse,
      profile,
      current: { relation, time: 'ts' },
      windows: windowsFrom(start + 30 * day, 1),
      now,
      record: false,
    })
    expect(findingsOf(result)).toMatchObject([
      { kind: 'volume', severity: 'warn', sentence: expect.stringContaining('% fewer rows') },
    ])
    expect(result.exitCode).toBe(2)
  })
  it('reports how many times as many rows there are, and both rates', async () => {
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
  it('waits for confirmation when the policy asks for it', async () => {
    const rows = [...rowsFrom(5, start + 30 * day, 1), ...rowsFrom(6, start + 31 * day, 2, 2)]
    const relation = await tableOfRows(warehouse, rows, { time: 'ts', kwh: 'usage__kwh_7d', tariff: 'usage__tariff' })
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
  it('refuses a policy whose numbers are out of range', () => {
    expect(() => policyFrom({ alpha: 2 })).toThrow(
      expect.objectContaining({ code: 'POLICY_INVALID', data: { field: 'alpha' } }),
    )
    expect(() => policyFrom({ columnFloors: { kwh: { ks: { warn: 0.3, crit: 0.1 } } } })).toThrow(/columnFloors.kwh.ks/)
    expect(() => policyFrom({ floors: { psi: { warn: 0.3, crit: 0.1 } } })).toThrow(
      expect.objectContaining({ data: { field: 'psi' } }),
    )
    expect(() => policyFrom({ confirm: { windows: 3, of: 2 } })).toThrow(
      expect.objectContaining({ data: { field: 'confirm' } }),
    )
  })
  it('has SQL that reproduces the counts of the report', async () => {
    const relation = await tableOfRows(warehouse, rowsFrom(6, start + 30 * day, 1, 2), {
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
