import { rowsOf, sql, type Sql } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import { distance, equalValues } from '../../src/parity/equal-values.ts'

const double = (text: string | null): Sql => (text === null ? sql`CAST(NULL AS DOUBLE)` : sql`CAST(${text} AS DOUBLE)`)

test('what is not finite equals what is missing, and nothing else', async () => {
  await using warehouse = await openTestWarehouse()
  const cases: readonly (readonly [logged: string | null, recomputed: string | null, equal: boolean])[] = [
    ['1', 'NaN', false],
    ['1', 'inf', false],
    ['-1e300', '-inf', false],
    [null, 'NaN', true],
    [null, 'inf', true],
    [null, '0', false],
    ['0', null, false],
    [null, null, true],
    ['0', '-0', true],
    ['1', '1.0000000001', true],
    ['1', '1.00000001', false],
    ['1e-320', '0', false],
    ['-1e9', '1e9', false],
    ['1e200', '1e200', true],
  ]
  for (const relative of [1e-9, 0]) {
    const columns = cases.map(([logged, recomputed], i) => {
      const [a, b] = [logged, recomputed].map((text) => ({ sql: double(text), type: 'double' as const }))
      if (a === undefined || b === undefined) throw new Error('a case has two sides')
      return sql`${equalValues(warehouse.leaves, a, b, relative)} AS ${sql.raw(`c${i}`)}`
    })
    const [row] = rowsOf(await warehouse.read(sql`SELECT ${sql.join(columns)}`))
    expect(cases.map((_, i) => row?.[`c${i}`])).toEqual(
      cases.map(([logged, , equal]) => (relative === 0 && logged === '1' ? false : equal)),
    )
  }
})

test('whole numbers beyond 2^53 differ by what they differ', async () => {
  await using warehouse = await openTestWarehouse()
  const { leaves } = warehouse
  const whole = (text: string) => ({
    sql: sql`CAST(${text} AS ${leaves.columnType('bigint')})`,
    type: 'bigint' as const,
  })
  const cases = [
    ['9007199254740993', '9007199254740992', 1],
    ['-9223372036854775808', '9223372036854775807', 2 ** 64],
    ['5', '5', 0],
  ] as const
  const columns = cases.map(
    ([a, b], i) =>
      sql`${distance(leaves, whole(a), whole(b))} AS ${sql.raw(`d${i}`)}, ${equalValues(
        leaves,
        whole(a),
        whole(b),
        1e-9,
      )} AS ${sql.raw(`e${i}`)}`,
  )
  const [row] = rowsOf(await warehouse.read(sql`SELECT ${sql.join(columns)}`))
  expect(cases.map((_, i) => [row?.[`d${i}`], row?.[`e${i}`]])).toEqual(
    cases.map(([, , apart]) => [apart, apart === 0]),
  )
})
