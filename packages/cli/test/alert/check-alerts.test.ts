import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { entity, fact, featureView } from '@martlet/feature-store'
import { sql } from '@martlet/warehouse'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { readStates } from '../../src/alert/alert-rows.ts'
import { check } from '../../src/command/check.ts'
import type { CommandContext } from '../../src/command/run-command.ts'
import { defineConfig, openProject, type Project } from '../../src/index.ts'
import { openTerminal } from '../../src/terminal/terminal.ts'

const customer = entity('customer', { customer_id: z.string() })
const usage = fact('mart.usage', {
  columns: { customer_id: z.string(), ts: z.date(), kwh: z.number().nonnegative() },
  entities: [customer],
  eventTime: 'ts',
})
const views = ['daily', 'weekly'].map((name) =>
  featureView(name, { of: customer, from: usage, every: '1d', features: (f) => ({ kwh: f.sum('kwh').over('7d') }) }),
)
const config = defineConfig({
  warehouse: { duckdb: ':memory:' },
  catalog: { sqlite: 'catalog.sqlite' },
  online: 'memory',
  artifacts: { folder: 'artifacts' },
  definitions: { views },
  alerts: { channels: { ops: { command: { argv: [process.execPath, '-e', ''] } } }, quality: ['ops'] },
})

let folder: string
let project: Project
let context: CommandContext

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'martlet-check-alerts-'))
  project = openProject(config, { folder })
  context = {
    terminal: { ...openTerminal({}), say: () => undefined, note: () => undefined },
    signal: new AbortController().signal,
    configPath: undefined,
    waiting: undefined,
    exporting: (work) => work(),
    configFile: async () => '',
    project: async () => project,
  }
  const warehouse = await project.warehouse()
  await warehouse.run(sql`CREATE SCHEMA mart`)
  await warehouse.run(
    sql`CREATE TABLE mart.usage AS
      SELECT 'c' || i AS customer_id, TIMESTAMP '2024-06-01' + to_days(CAST(i AS INTEGER)) AS ts, i - 1.0 AS kwh
      FROM range(10) AS t(i)`,
  )
})
afterAll(async () => {
  await project.close()
  await rm(folder, { recursive: true })
})

const alerting = async (): Promise<readonly string[]> =>
  [...(await readStates((await project.catalog()).db)).values()]
    .filter(({ alertingSince }) => alertingSince !== null)
    .map(({ subject }) => subject)

it('each view that reads a table with errors alerts, and a check of some rows does not take that back', async () => {
  expect((await check(context, [], { store: false })).exitCode).toBe(1)
  expect(await alerting()).toEqual(['quality:daily', 'quality:weekly'])
  // The row with a negative value is not among these. That no fact is new is a warning.
  expect((await check(context, [], { store: false, from: '2024-06-05' })).exitCode).toBe(2)
  expect(await alerting()).toEqual(['quality:daily', 'quality:weekly'])
  await (await project.warehouse()).run(sql`DELETE FROM mart.usage WHERE kwh < 0`)
  expect((await check(context, [], { store: false })).exitCode).toBe(2)
  expect(await alerting()).toEqual([])
})
