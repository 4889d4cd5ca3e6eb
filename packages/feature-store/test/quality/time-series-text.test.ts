import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { openDuckDb, rowsOf, sql, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { toMicros } from '../../src/catalog/instant.ts'
import { entity } from '../../src/define/sources/entity.ts'
import { fact } from '../../src/define/sources/fact.ts'
import type { TableScan } from '../../src/quality/table-scan.ts'
import { countGaps, countSilent } from '../../src/quality/time-series.ts'
import { sqlText } from '../compile/sql-text.ts'

/**
 * `MARTLET_UPDATE_GOLDEN=1 npx vitest run --project feature-store time-series-text` writes the files anew; read their
 * diff before you commit it.
 */
const update = process.env['MARTLET_UPDATE_GOLDEN'] === '1'
const folder = join(import.meta.dirname, 'golden')
const HOUR = 3_600_000_000

// Quotes of both kinds, a comment, a statement, and names that the statements themselves use.
const [key, other, time] = [`k"ey'; DROP TABLE readings; --`, 'k0', `at" /* ' $1 */`]
const meter = entity('meter', { a: z.string(), b: z.int() })
const { plan } = fact('mart.readings', {
  columns: { a: z.string(), b: z.int(), c: z.date() },
  entities: [meter],
  eventTime: 'c',
})
// No definition may call a key so; the statements must not depend on that.
const source = {
  ...plan,
  columns: plan.columns.map((column, index) => ({ ...column, name: [key, other, time][index] ?? '' })),
}
const start = toMicros('2024-03-30')
const scan: TableScan = {
  source,
  time,
  from: start,
  to: start + BigInt(72 * HOUR),
  always: [key, other, time],
  identity: [key, other, time],
  now: start + BigInt(48 * HOUR),
}

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openDuckDb()
  await warehouse.run(sql`CREATE SCHEMA mart`)
  await warehouse.run(
    sql`CREATE TABLE mart.readings (${sql.id(key)} VARCHAR, ${sql.id(other)} BIGINT, ${sql.id(time)} TIMESTAMP)`,
  )
  const rows = [
    ...[0, 1, 2, 4, 5].map((hour) => sql`('a', 1, ${warehouse.leaves.timestamp(start + BigInt(hour * HOUR))})`),
    sql`('b', 2, ${warehouse.leaves.timestamp(start)})`,
  ]
  await warehouse.run(sql`INSERT INTO mart.readings VALUES ${sql.join(rows)}`)
})
afterAll(() => warehouse.close())

test.each([
  [
    'gaps',
    () => countGaps(warehouse, scan, {}),
    'a 1 between 2024-03-30T02:00Z and 2024-03-30T04:00Z',
    [{ k0: 'a', k1: 1 }],
  ],
  ['silent', () => countSilent(warehouse, scan, 3 * HOUR, {}), 'b 2, last seen at 2024-03-30', [{ k0: 'b', k1: 2 }]],
] as const)(
  'the statements of %s print their golden text, whatever columns are called',
  async (name, count, example, listed) => {
    const read = vi.spyOn(warehouse, 'read')
    const found = await count()
    const statements = read.mock.calls.map(([statement]) => warehouse.compile(statement))
    read.mockRestore()
    const text = sqlText([...statements, { sql: found.query, parameters: [] }])
    const path = join(folder, `${name}.duckdb.sql`)
    if (update) {
      mkdirSync(folder, { recursive: true })
      writeFileSync(path, text)
    }
    expect(text).toBe(readFileSync(path, 'utf8'))
    expect(found).toMatchObject({ check: name, count: 1, example })
    expect(rowsOf(await warehouse.read(sql.raw(found.query)))).toMatchObject(listed)
  },
)

test('has no golden file of another check', () => {
  expect(readdirSync(folder).toSorted()).toEqual(['gaps.duckdb.sql', 'silent.duckdb.sql'])
})
