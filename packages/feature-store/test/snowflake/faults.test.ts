import {
  columnBatch,
  dropTable,
  ensureTable,
  replaceRange,
  rowsOf as plainRows,
  sql,
  type Warehouse,
} from '@martlet/warehouse'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { playSideBySide, type Task } from '../../../warehouse/test/snowflake/double/with-faults.ts'
import { buildTrainingSet, featureService, label } from '../../src/index.ts'
import { checkView } from '../../src/quality/check-view.ts'
import { loadMart, rowsOf, spineBatch } from '../oracle/mart-tables.ts'
import {
  buildView,
  contractRow,
  DAYS,
  factRow,
  readings,
  site,
  spineRow,
  START,
  viewChoice,
} from '../oracle/random-mart.ts'

const seed = Number(process.env['MARTLET_SEED'] ?? 0)
const scenarios = Math.max(12, Math.round(24 * Number(process.env['MARTLET_RUNS'] ?? 1)))
const ROWS = 3_000
const DAY = 86_400_000_000n

const given = fc.record({
  facts: fc.array(factRow, { maxLength: 60 }),
  contracts: fc.uniqueArray(contractRow, {
    maxLength: 8,
    selector: (row) => `${row['region']}|${row['site_id']}|${row['valid_from']}`,
  }),
  spine: fc.array(spineRow, { minLength: 1, maxLength: 60 }),
  choice: viewChoice,
  of: fc.constantFrom('training set', 'labels', 'quality', 'append', 'replaceRange'),
  seed: fc.integer(),
})
type Given = typeof given extends fc.Arbitrary<infer T> ? T : never

function taskOf({ of, choice, spine, facts, contracts }: Given): Task {
  const view = buildView(choice)
  const service = featureService('random_service', [view])
  const count = async (warehouse: Warehouse): Promise<unknown> =>
    plainRows(await warehouse.read(sql`SELECT COUNT(*) AS n, COUNT(DISTINCT i) AS d FROM kept`))[0]
  const prepare = async (warehouse: Warehouse): Promise<void> => {
    await loadMart(warehouse, facts, contracts)
    await dropTable(warehouse, 'kept')
    await ensureTable(warehouse, {
      table: 'kept',
      columns: [
        { name: 'i', type: 'bigint' },
        { name: 'at', type: 'timestamp' },
      ],
    })
  }
  const task = { name: of, prepare }
  switch (of) {
    case 'training set':
      return {
        ...task,
        repeatable: true,
        work: async (warehouse) =>
          rowsOf(
            await (
              await buildTrainingSet({ warehouse, service, spine: { rows: spineBatch(spine) }, time: 'at' })
            ).read(),
          ),
      }
    case 'labels': {
      const target = label('target', {
        of: site,
        from: readings,
        value: (f) => f.sum('x').ahead('1d', { gap: '1h', maturity: '0h' }),
      })
      const options = {
        service,
        spine: { rows: spineBatch(spine) },
        time: 'at',
        labels: [target],
        asOf: new Date((START + DAYS * 43_200_000_000) / 1000),
      }
      return {
        ...task,
        repeatable: true,
        work: async (warehouse) => rowsOf(await (await buildTrainingSet({ warehouse, ...options })).read()),
      }
    }
    case 'quality':
      return {
        ...task,
        repeatable: true,
        work: async (warehouse) =>
          (await checkView(warehouse, view, { from: null, to: null, now: BigInt(START) + 30n * DAY })).results.map(
            ({ check, count: found, total, example }) => ({ check, found, total, example }),
          ),
      }
    case 'append':
      return {
        ...task,
        repeatable: false,
        work: async (warehouse) => [
          await warehouse.append(
            'kept',
            columnBatch({
              i: { type: 'bigint', values: Array.from({ length: ROWS }, (_, i) => i) },
              at: { type: 'timestamp', values: Array.from({ length: ROWS }, (_, i) => BigInt(i)) },
            }),
          ),
          await count(warehouse),
        ],
        // An answer to COMMIT that never came: all rows, or none, but never some.
        afterFailure: async (warehouse) =>
          expect([
            { n: 0, d: 0 },
            { n: ROWS, d: ROWS },
          ]).toContainEqual(await count(warehouse)),
      }
    default:
      return {
        ...task,
        repeatable: true,
        work: async (warehouse) => {
          const { leaves } = warehouse
          const range = leaves.series({ from: sql`b.low`, to: sql`b.high`, alias: 's', column: 'i' })
          const rows = sql`
            SELECT s.i AS i, ${leaves.fromEpochMicros(sql`s.i`)} AS at
            FROM (SELECT 1000 AS low, 3000 AS high) AS b, ${range}
          `
          await replaceRange(warehouse, { table: 'kept', column: 'at', from: 1000n, to: 3000n, rows })
          return count(warehouse)
        },
        afterFailure: async (warehouse) =>
          expect([
            { n: 0, d: 0 },
            { n: 2000, d: 2000 },
          ]).toContainEqual(await count(warehouse)),
      }
  }
}

test(
  'with faults on the way a result is the same or there is an error that says which, and no row is lost or doubled',
  { timeout: 120_000 },
  async () => {
    const drawn = fc.sample(given, { numRuns: scenarios, seed })
    const ended = await playSideBySide(drawn.map((one) => ({ task: taskOf(one), seed: one.seed })))
    expect(ended.some(({ faults, outcome }) => faults.length > 0 && outcome === 'the result')).toBe(true)
  },
)
