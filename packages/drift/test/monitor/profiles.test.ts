import { rowsOf, type Warehouse } from '@martlet/warehouse'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { profileReference, readProfile, storeProfile, vectorColumns, type ReferenceProfile } from '../../src/index.ts'
import { day, openTrained, start } from './trained-rows.ts'

let warehouse: Warehouse
let profile: ReferenceProfile
let training: string

beforeAll(async () => {
  ;({ warehouse, profile, training } = await openTrained())
})
afterAll(async () => {
  await warehouse.close()
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
  it('refuse columns named twice, also in another case, and missing ones', async () => {
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
  it('reach from the first finite time to the last', async () => {
    const type = warehouse.leaves.columnType('timestamp')
    const endless = warehouse.engine === 'duckdb' ? ["'infinity'", "'-infinity'"] : []
    const times = ["'2026-01-01 00:00:00'", "'2026-01-03 12:00:00'", 'NULL', ...endless]
    const rows = times.map((time) => sql`SELECT CAST(${sql.raw(time)} AS ${type}) AS ts, 1 AS x`)
    const columns = [{ name: 'x', type: 'integer' as const }]
    const of = { name: 'endless', relation: sql.join(rows, sql` UNION ALL `), columns, time: 'ts' }
    expect((await profileReference(warehouse, of)).time).toEqual({
      column: 'ts',
      from: '2026-01-01T00:00:00.000Z',
      to: '2026-01-03T12:00:00.000Z',
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
