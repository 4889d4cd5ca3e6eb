import { columnBatch, openDuckDb, type ColumnBatch, type ColumnVector, type Warehouse } from '@martlet/warehouse'
import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { compileTraining } from '../../src/compile/training-sql.ts'
import { freshPrefix } from '../../src/compile/view-sql.ts'
import { compileViewRows, featureService, gridInstants } from '../../src/index.ts'
import { stageSpine } from '../../src/read/spine.ts'
import { featureRow, servedTime, type OracleMart, type Row, type Value } from './oracle.ts'
import { buildView, contractRow, DAYS, factRow, spineRow, START, viewChoice } from './random-mart.ts'

const runs = 500 * Number(process.env['MARTLET_RUNS'] ?? 1)
let warehouse: Warehouse

beforeAll(async () => {
  warehouse = await openDuckDb()
})
afterAll(() => warehouse.close())

/** Contracts with one start per entity: overlapping intervals that start together have no defined order. */
const contracts = fc.uniqueArray(contractRow, { maxLength: 8, selector: (row) => `${row['region']}|${row['site_id']}|${row['valid_from']}` })
const mart = fc.record({ facts: fc.array(factRow, { maxLength: 60 }), contracts })

test(`training sets equal brute force on random marts`, { timeout: 600_000 }, async () => {
  await fc.assert(fc.asyncProperty(mart, viewChoice, fc.array(spineRow, { minLength: 1, maxLength: 90 }), fc.constantFrom('dense' as const, 'sparse' as const), async (given, choice, spine, lookup) => {
    const view = buildView(choice)
    const service = featureService('random_service', [view])
    const oracle = await load(given.facts, given.contracts)
    const rows = await warehouse.session(async (session) => {
      const staged = await stageSpine(session, { rows: spineBatch(spine) }, 'at', view.plan.entity.keys, `${freshPrefix()}_spine`)
      const compiled = compileTraining(session.leaves, service.plan, [], staged, { asOf: staged.last, from: 'facts', featureTable: () => sql``, lookup })
      for (const statement of compiled.prepare) await session.run(statement)
      return rowsOf(await session.read(sql`SELECT * FROM (${compiled.query}) q ORDER BY spine_row`))
    })
    expect(rows.length).toBe(spine.length)
    for (const [i, row] of rows.entries()) {
      const asked = spine[i] ?? {}
      expect({ region: row['region'], site_id: row['site_id'], at: row['at'] }).toEqual(asked)
      const T = servedTime(view.plan, Number(asked['at']))
      const expected = featureRow(oracle, view.plan, asked, T)
      for (const feature of view.plan.features) {
        agree(row[`random_view__${feature.name}`] ?? null, expected?.[feature.name] ?? null, `${feature.name} of spine row ${i} at T ${T}`)
      }
    }
  }), { numRuns: runs })
})

test(`materialized rows equal brute force on random marts`, { timeout: 600_000 }, async () => {
  await fc.assert(fc.asyncProperty(mart, viewChoice, fc.constantFrom('dense' as const, 'sparse' as const), fc.integer({ min: 0, max: DAYS }), async (given, choice, lookup, day) => {
    const view = buildView(choice)
    const oracle = await load(given.facts, given.contracts)
    const from = BigInt(START + day * 86_400_000_000)
    const to = from + 86_400_000_000n * 2n
    const instants = gridInstants(view.plan.grid, from, to)
    fc.pre(instants.length > 0)
    const rows = await warehouse.session(async (session) => {
      const compiled = compileViewRows(session, view.plan, { from, to }, { lookup })
      for (const statement of compiled.prepare) await session.run(statement)
      const found = rowsOf(await session.read(compiled.query))
      for (const statement of compiled.cleanup) await session.run(statement)
      return found
    })
    const entities = new Map([...given.facts, ...given.contracts].map((row) => [JSON.stringify([row['region'], row['site_id']]), row]))
    const expected = [...entities.values()].flatMap((key) => instants.flatMap((T): readonly Row[] => {
      const row = featureRow(oracle, view.plan, key, Number(T))
      return row === null ? [] : [{ region: key['region'] ?? null, site_id: key['site_id'] ?? null, feature_time: Number(T), ...row }]
    }))
    const name = (row: Row): string => `${String(row['region'])}|${String(row['site_id'])}|${String(row['feature_time'])}`
    const found = new Map(rows.map((row) => [name(row), row]))
    expect(rows.length).toBe(expected.length)
    for (const row of expected) {
      const actual = found.get(name(row))
      expect(actual, name(row)).toBeDefined()
      for (const feature of view.plan.features) agree(actual?.[feature.name] ?? null, row[feature.name] ?? null, `${feature.name} of ${name(row)}`)
    }
  }), { numRuns: runs })
})

/**
 * Sums of multiples of 1/8 are exact, so counts, sums, extremes and choices must be equal to the bit. Quotients and
 * squares round: with values up to 8 and at most 60 of them, 1e-9 is six digits above double rounding.
 */
function agree(actual: Value, expected: Value, where: string): void {
  if (typeof actual === 'number' && typeof expected === 'number' && !Number.isInteger(expected)) {
    expect(Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected)), `${where}: ${actual} instead of ${expected}`).toBe(true)
  } else if (typeof actual === 'number' && typeof expected === 'number') {
    expect(Math.abs(actual - expected) <= 1e-9, `${where}: ${actual} instead of ${expected}`).toBe(true)
  } else expect(actual, where).toEqual(expected)
}

async function load(facts: readonly Row[], contractRows: readonly Row[]): Promise<OracleMart> {
  await warehouse.run(sql`CREATE SCHEMA IF NOT EXISTS mart`)
  await warehouse.run(sql`CREATE OR REPLACE TABLE mart.readings (region VARCHAR, site_id BIGINT, ts TIMESTAMP, arrived TIMESTAMP, seq BIGINT, x DOUBLE, n BIGINT, c VARCHAR)`)
  await warehouse.run(sql`CREATE OR REPLACE TABLE mart.contracts (region VARCHAR, site_id BIGINT, tariff VARCHAR, level DOUBLE, valid_from TIMESTAMP, valid_to TIMESTAMP)`)
  await warehouse.append('mart.readings', batch(facts, { region: 'text', site_id: 'bigint', ts: 'timestamp', arrived: 'timestamp', seq: 'bigint', x: 'double', n: 'bigint', c: 'text' }))
  await warehouse.append('mart.contracts', batch(contractRows, { region: 'text', site_id: 'bigint', tariff: 'text', level: 'double', valid_from: 'timestamp', valid_to: 'timestamp' }))
  return { tables: { 'mart.readings': facts, 'mart.contracts': contractRows } }
}

function spineBatch(spine: readonly Row[]): ColumnBatch {
  return batch(spine, { region: 'text', site_id: 'bigint', at: 'timestamp' })
}

type Kind = 'text' | 'double' | 'bigint' | 'timestamp'

function batch(rows: readonly Row[], types: Readonly<Record<string, Kind>>): ColumnBatch {
  return columnBatch(Object.fromEntries(Object.entries(types).map(([name, type]) => {
    const values = rows.map((row) => row[name] ?? null)
    if (type === 'text') return [name, { type, values: values.map((one) => (one === null ? null : String(one))) }]
    if (type === 'double') return [name, { type, values: values.map((one) => (one === null ? null : Number(one))) }]
    return [name, { type, values: values.map((one) => (one === null ? null : BigInt(Number(one)))) }]
  })))
}

/** Rows as the oracle sees them: numbers for whole numbers and times. */
function rowsOf(found: ColumnBatch): readonly Row[] {
  return Array.from({ length: found.rows }, (_, i) => Object.fromEntries(found.names.map((name, column) => [name, cell(found.columns[column], i)])))
}

function cell(column: ColumnVector | undefined, i: number): Value {
  if (column === undefined || column.nulls?.[i] === 1) return null
  if (column.type === 'boolean') return column.values[i] === 1
  if (column.type === 'text') return column.values[i] ?? null
  return Number(column.values[i])
}
