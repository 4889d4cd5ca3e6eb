import { columnBatch, ensureTable } from '@martlet/warehouse'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { CaseBook } from '../../../warehouse/test/snowflake/second-opinion/case-book.ts'
import { profileReference, runDrift } from '../../src/index.ts'
import { normal, sample } from '../random.ts'
import { columnsOf, type Columns } from '../tables.ts'

let book: CaseBook
beforeAll(async () => {
  book = await CaseBook.open('drift')
})
afterAll(() => book.close())

const start = Date.parse('2026-01-05T00:00:00Z')
const hour = 3_600_000

function columns(seed: number, shift: number): Columns {
  const draw = normal(seed)
  const values = sample(200, () => draw() + shift)
  return {
    at: { type: 'timestamp', values: values.map((_, i) => new Date(start + i * hour)) },
    kwh: {
      type: 'double',
      values: values.map((value, i) => (i % 40 === 0 ? null : i % 41 === 0 ? Number.NaN : value)),
    },
    few: { type: 'integer', values: values.map((value) => Math.round(value)) },
    tariff: { type: 'text', values: values.map((value, i) => (i % 9 === 0 ? null : value > 0.5 ? "day'" : 'night')) },
    open: { type: 'boolean', values: values.map((value) => value > 0) },
  }
}

it('a profile of a reference, and a run against it', async () => {
  expect(
    await book.record('profile and run', async (warehouse) => {
      for (const [table, given] of [
        ['reference_rows', columns(1, 0)],
        ['current_rows', columns(2, 0.4)],
      ] as const) {
        await ensureTable(warehouse, {
          table,
          columns: Object.entries(given).map(([name, { type }]) => ({ name, type })),
        })
        await warehouse.append(table, columnBatch(given))
      }
      const profile = await profileReference(warehouse, {
        name: 'p',
        relation: 'reference_rows',
        columns: columnsOf(columns(1, 0)).filter(({ name }) => name !== 'at'),
        time: 'at',
        now: new Date(start),
      })
      const result = await runDrift({
        warehouse,
        profile,
        reference: 'reference_rows',
        current: { relation: 'current_rows', time: 'at' },
        now: new Date(start + 200 * hour),
        record: false,
        policy: { exact: 'always', minimumRows: 10 },
      })
      const measured = result.windows.flatMap((window) =>
        window.columns.flatMap(({ name, metrics }) =>
          metrics.map(({ metric, value }) => ({ of: `${name} ${metric}`, value })),
        ),
      )
      return [
        columnBatch({
          of: { type: 'text', values: measured.map((one) => one.of) },
          value: { type: 'double', values: measured.map((one) => one.value) },
        }),
      ]
    }),
  ).toBeGreaterThan(0)
})
