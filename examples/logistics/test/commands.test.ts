import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDuckDb } from '@martlet/warehouse'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { Commands } from '../src/demo/commands.ts'
import { Narrator } from '../src/demo/narrator.ts'
import { deliver } from '../src/generate/deliver.ts'
import { simulate } from '../src/generate/simulate.ts'
import { loads, snapshots } from '../src/mart-steps.ts'
import { oftenFaulty } from './support/often-faulty.ts'
import { createTables, rowsFrom } from './support/mart-warehouse.ts'

// So often that a few days have each of them.
const faults = { ...oftenFaulty, deliveredBeforePickup: 0.2, overweight: 0.2 }

let state: string
let commands: Commands
let delivered: Readonly<Record<string, number>>
beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), 'martlet-logistics-'))
  commands = new Commands(new Narrator(), { LOGISTICS_STATE: state })
  await using warehouse = await openDuckDb({ path: join(state, 'warehouse.duckdb'), threads: 1 })
  await createTables(warehouse)
  const world = simulate({ seed: 3, vehicles: 4, days: 10, customers: 6, locations: 12, faults })
  delivered = (await deliver(warehouse, world)).rows
})
afterAll(() => rm(state, { recursive: true }))

/** The JSON document of a command, which ends with this code. */
async function martlet<T>(shape: z.ZodType<T>, code: number, ...args: readonly string[]): Promise<T> {
  const answer: unknown = JSON.parse(await commands.martlet([...args, '--json'], { codes: [code], last: 0 }))
  return shape.parse(answer)
}

test('martlet load, snapshot and check run on the configuration of the example', async () => {
  const step = z.object({ name: z.string(), into: z.string(), read: z.number() })
  const loaded = await martlet(z.object({ loads: z.array(step) }), 0, 'load')
  expect(loaded.loads.map(({ name, into }) => ({ name, into }))).toEqual(
    loads.map(({ name, into }) => ({ name, into })),
  )
  for (const table of ['customers', 'shipments', 'maintenance'])
    expect(loaded.loads.find(({ name }) => name === table)?.read).toBe(delivered[table])
  const taken = await martlet(z.object({ snapshots: z.array(step) }), 0, 'snapshot')
  expect(taken.snapshots.map(({ into }) => into)).toEqual(snapshots.map(({ into }) => into))

  const finding = z.object({ table: z.string(), check: z.string(), severity: z.string(), count: z.number() })
  const { findings } = await martlet(z.object({ findings: z.array(finding) }), 1, 'check')
  await using warehouse = await openDuckDb({ path: join(state, 'warehouse.duckdb'), threads: 1 })
  const [wrong] = await rowsFrom(
    warehouse,
    `SELECT
       (SELECT COUNT(*) FROM mart.dim_customer WHERE tier NOT IN ('basic', 'plus', 'premium')) AS tiers,
       (SELECT COUNT(*) FROM mart.fact_shipment WHERE delivered_at < picked_up_at) AS delivered_before,
       (SELECT COUNT(*) FROM mart.fact_shipment AS s JOIN mart.dim_vehicle AS v ON v.vehicle_id = s.vehicle_id
         AND s.picked_up_at >= v.valid_from AND (v.valid_to IS NULL OR s.picked_up_at < v.valid_to)
         WHERE s.weight_kg > v.capacity_kg) AS overweight`,
  )
  for (const rows of Object.values(wrong ?? {})) expect(rows).toBeGreaterThan(0)
  const count = (check: string): number => findings.find((one) => one.check === check)?.count ?? 0
  expect({
    tiers: count('tier_valid'),
    delivered_before: count('delivered_after_pickup'),
    overweight: count('capacity_not_exceeded'),
  }).toEqual(wrong)
  expect(findings.filter(({ severity }) => severity === 'error').map(({ check }) => check)).toEqual([
    'tiers_mostly_valid',
  ])
})
