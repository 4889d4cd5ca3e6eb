import { openDuckDb, sql, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { profileReference, type ReferenceProfile } from '../../src/index.ts'

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openDuckDb()
})
afterAll(() => warehouse.close())

const at = "CAST('2026-01-01' AS TIMESTAMP) + to_hours(i)"

/** 500 rows, of which one has another time or another date. */
function profileWith(one: { readonly ts?: string; readonly opened?: string }): Promise<ReferenceProfile> {
  const value = (other: string | undefined, usual: string) =>
    sql.raw(other === undefined ? usual : `CASE WHEN i = 7 THEN ${other} ELSE ${usual} END`)
  return profileReference(warehouse, {
    name: 'far',
    relation: sql`
      SELECT ${value(one.ts, at)} AS ts, ${value(one.opened, `CAST(${at} AS DATE) - 1`)} AS opened
      FROM range(500) AS t(i)
    `,
    columns: [{ name: 'opened', type: 'date' }],
    time: 'ts',
  })
}

it.each(["DATE '5000000-01-01'", "DATE '5000000-01-01 (BC)'"])(
  'a date beyond all instants, %s, is one value of its column',
  async (date) => {
    const { columns } = await profileWith({ opened: date })
    const [, age, form] = columns
    expect(age?.nulls).toBe(1)
    expect(form?.kind === 'category' && form.top).toEqual([
      { value: 'midnight', count: 499 },
      { value: 'infinite', count: 1 },
    ])
  },
)

it.each(["TIMESTAMP '290000-01-01'", "TIMESTAMP '290000-01-01 (BC)'"])(
  'a row of %s, which no Date holds, is one row of its reference',
  async (ts) => {
    const profile = await profileWith({ ts })
    expect(profile.rows).toBe(500)
    const end = ts.endsWith("(BC)'") ? profile.time?.from : profile.time?.to
    expect(Math.abs(Date.parse(end ?? ''))).toBe(8.64e15)
    expect(profile.mostly?.from.slice(0, 4)).toBe('2026')
    expect(profile.columns.map(({ kind }) => kind)).toEqual(['time', 'number', 'category'])
  },
)

it('many rows that no Date holds are gaps like others, and no error', async () => {
  const { gaps, mostly } = await profileReference(warehouse, {
    name: 'far',
    relation: sql`
      SELECT ${sql.raw(`CASE WHEN i % 5 = 0 THEN TIMESTAMP '290000-01-01' + to_hours(i) ELSE ${at} END`)} AS ts, i AS x
      FROM range(500) AS t(i)
    `,
    columns: [{ name: 'x', type: 'bigint' }],
    time: 'ts',
  })
  expect(mostly).toBeUndefined()
  expect(gaps?.all?.count).toBe(499)
  expect(gaps?.all?.longest.to).toBe('+275760-09-13T00:00:00.000Z')
})
