import { type Warehouse, columnBatch, dropTable, ensureTable } from '@martlet/warehouse'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { playSideBySide, type Task } from '../../../warehouse/test/snowflake/double/with-faults.ts'
import { profileReference, readProfile, runDrift, storeProfile, toJson } from '../../src/index.ts'
import { normal, sample } from '../random.ts'

const seed = Number(process.env['MARTLET_SEED'] ?? 0)
const scenarios = Math.max(3, Math.round(10 * Number(process.env['MARTLET_RUNS'] ?? 1)))
const now = new Date('2026-03-01T00:00:00Z')
const columns = [
  { name: 'x', type: 'double' },
  { name: 'c', type: 'text' },
] as const

async function fill(warehouse: Warehouse, table: string, seedOfRows: number, shift: number): Promise<void> {
  const values = sample(300, normal(seedOfRows)).map((x) => x + shift)
  await dropTable(warehouse, table)
  await ensureTable(warehouse, { table, columns: [...columns] })
  await warehouse.append(
    table,
    columnBatch({
      x: { type: 'double', values },
      c: { type: 'text', values: values.map((x) => (x > 1 ? 'high' : x < -1 ? null : 'low')) },
    }),
  )
}

const task: Task = {
  name: 'drift',
  repeatable: true,
  prepare: async (warehouse) => {
    await fill(warehouse, 'before', 1, 0)
    await fill(warehouse, 'after', 2, 0.5)
  },
  work: async (warehouse) => {
    const profile = await profileReference(warehouse, { name: 'p', relation: 'before', columns, now })
    await storeProfile(warehouse, profile)
    const result = await runDrift({
      warehouse,
      profile: await readProfile(warehouse, 'p'),
      current: { relation: 'after' },
      reference: 'before',
      policy: { exact: 'always' },
      monitor: 'm',
      now,
    })
    return toJson({ ...result, sql: [] })
  },
}

test(
  'profiles and drift with faults on the way are the same, or there is an error that says which',
  { timeout: 120_000 },
  async () => {
    const drawn = fc.sample(fc.integer(), { numRuns: scenarios, seed })
    const ended = await playSideBySide(drawn.map((one) => ({ task, seed: one })))
    expect(ended.some(({ faults }) => faults.length > 0)).toBe(true)
  },
)
