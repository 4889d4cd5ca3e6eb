import { openDuckDb } from '@martlet/warehouse'
import { expect, it } from 'vitest'
import { expectAllowed } from '../../../warehouse/test/snowflake-sql/expect-allowed.ts'
import { recordSnowflake } from '../../../warehouse/test/snowflake-sql/recorder.ts'
import { profileReference, readProfile, runDrift, storeProfile } from '../../src/index.ts'
import { normal, sample } from '../random.ts'
import { columnsOf, tableOf, type Columns } from '../tables.ts'

const day = 86_400_000
const start = Date.parse('2026-01-05T00:00:00Z')

function columns(seed: number, shift: number): Columns {
  const draw = normal(seed)
  const values = sample(600, () => draw() + shift)
  return {
    at: { type: 'timestamp', values: values.map((_, i) => new Date(start + i * (day / 100))) },
    kwh: {
      type: 'double',
      values: values.map((value, i) => (i % 40 === 0 ? null : i % 41 === 0 ? Number.NaN : value)),
    },
    id: {
      type: 'bigint',
      values: values.map((value) => 9_000_000_000_000_000_000n + BigInt(Math.round(value * 1000))),
    },
    few: { type: 'integer', values: values.map((value) => Math.round(value)) },
    code: { type: 'double', values: values.map((value) => Math.round(value)) },
    tariff: { type: 'text', values: values.map((value, i) => (i % 9 === 0 ? null : value > 0.5 ? "day'" : 'night')) },
    open: { type: 'boolean', values: values.map((value) => value > 0) },
    since: { type: 'timestamp', values: values.map((_, i) => new Date(start + i * day)) },
  }
}

it('profiles, runs in windows, exact distances and kept results', async () => {
  const duckdb = await openDuckDb()
  const [reference, current] = [await tableOf(duckdb, columns(1, 0)), await tableOf(duckdb, columns(2, 0.4))]
  const { warehouse, texts } = recordSnowflake(duckdb)
  const profiled = columnsOf(columns(1, 0))
    .filter(({ name }) => name !== 'at')
    .map((column) => (column.name === 'code' ? { ...column, as: 'category' as const } : column))
  const profile = await profileReference(warehouse, {
    name: 'p',
    relation: reference,
    columns: profiled,
    time: 'at',
    now: new Date(start),
  })
  await storeProfile(warehouse, profile)
  // `since` has its age and its form beside it.
  expect((await readProfile(warehouse, 'p')).columns.length).toBe(profiled.length + 2)
  const windows = Array.from({ length: 6 }, (_, i) => ({
    from: new Date(start + i * day),
    to: new Date(start + (i + 1) * day),
  }))
  const request = { warehouse, profile, current: { relation: current, time: 'at' }, now: new Date(start + 6 * day) }
  const result = await runDrift({ ...request, windows, reference, policy: { exact: 'always', minimumRows: 10 } })
  expect(result.windows).toHaveLength(6)
  await runDrift({ ...request, policy: { minimumRows: 10 } })
  await runDrift({ ...request, current: { relation: current }, record: false })
  expectAllowed('drift', [...texts])
  await duckdb.close()
})
