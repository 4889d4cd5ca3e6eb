import process from 'node:process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import type { Warehouse } from '@martlet/warehouse'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestWarehouse, runsOf } from '../../../warehouse/test/support/engine.ts'
import {
  buildTrainingSet,
  materialize,
  openCatalog,
  openMemoryStore,
  openOnlineReader,
  type FeatureStatus,
  type TrainingSetOptions,
} from '../../src/index.ts'
import { vectorFields, type ViewPlan } from '../../src/plan/view-plan.ts'
import { agree } from '../oracle/exact/agree.ts'
import { rowsOf } from '../oracle/mart-tables.ts'
import { featureRow } from '../oracle/oracle.ts'
import { servedTime } from '../oracle/clock.ts'
import { valueOf, type OracleMart, type Answers } from '../oracle/mart.ts'
import type { Row, Value } from '../oracle/row.ts'
import { loadSpine, loadStrange } from './load-strange.ts'
import { askedOf, DAY, keyNumber, strangeMarts, strangeService, tablesOf, WORLDS, type Names } from './strange-mart.ts'

const runs = runsOf(10)
let warehouse: Warehouse
let folder: string

beforeAll(async () => {
  warehouse = await openTestWarehouse()
  folder = await mkdtemp(join(tmpdir(), 'martlet-strange-'))
})
afterAll(async () => {
  await warehouse.close()
  await rm(folder, { recursive: true })
})

let catalogs = 0

test(
  `${runs * WORLDS} strange marts: facts, tables and online say what brute force says, before and after rows change`,
  { timeout: 3_000_000 },
  async () => {
    // Twenty worlds shrink slowly: MARTLET_SEED replays a failure, and MARTLET_SHRINK=1 shrinks it.
    await fc.assert(
      fc.asyncProperty(strangeMarts, async (given) => {
        const { names } = given.shape
        for (const schema of ['features', 'features_internal', 'ml'])
          await warehouse.run(sql`DROP SCHEMA IF EXISTS ${sql.id(schema)} CASCADE`)
        await using catalog = await openCatalog({ path: join(folder, `catalog-${++catalogs}.db`) })
        const { service, windows, scores } = strangeService(given.shape)
        const online = openMemoryStore()
        const reader = openOnlineReader({ service: service.plan, store: online })
        const { start } = given.shape.place
        const questions = askedOf(given)
        const served = new Map<number, number>()
        const keyOf = ({
          region,
          number,
        }: {
          readonly region: string
          readonly number: number
        }): Readonly<Record<string, string | number>> => ({
          [names.region]: region,
          [names.number]: keyNumber(given.shape, number),
        })
        for (const [i, tables] of tablesOf(given).entries()) {
          const oracle = await loadStrange(warehouse, given.shape, tables)
          const now = start + (given.nows[i] ?? 0)
          const run = { warehouse, catalog, online, quality: false, now: BigInt(now) } as const
          // A run that finds no new feature time repairs nothing unless it is told to.
          const again = i > 0 && servedTime(windows, now) === servedTime(windows, start + (given.nows[0] ?? 0))
          if (i === 0 || again) await materialize({ ...run, views: [windows], from: BigInt(start - 3 * DAY) })
          await materialize({ ...run, views: [scores, windows] })
          const asked = questions.map(({ key, at }): Row => ({ ...keyOf(key), asked_at: Math.min(start + at, now) }))
          const options = {
            warehouse,
            service,
            catalog,
            spine: await loadSpine(warehouse, given.shape, asked),
            time: 'asked_at',
          }
          const fromFacts = await trained({ ...options, from: 'facts' })
          const fromTables = await trained({ ...options, from: 'materialized' })
          const expectedAt = (key: Row, t: number): ReadonlyMap<ViewPlan, Expected> =>
            new Map(
              [windows, scores].map((view) => [
                view,
                view === windows
                  ? windowsAt(
                      oracle,
                      view,
                      key,
                      once(served, t, () => servedTime(view, t)),
                    )
                  : scoreAt(oracle, view, names, key, t),
              ]),
            )
          const fields = [...vectorFields(service.plan).entries()].map(([field, { name, view, feature }]) => ({
            field,
            name,
            feature,
            view: view === 'scores' ? scores : windows,
          }))
          for (const [row, key] of asked.entries()) {
            const t = Number(key['asked_at'])
            const expected = expectedAt(key, t)
            for (const { name, feature, view } of fields) {
              const value = expected.get(view)?.row?.[feature] ?? null
              const where = `run ${i}, ${name} of spine row ${row} ${JSON.stringify(key)} at ${new Date(t / 1000).toISOString()}`
              agree(fromFacts[row]?.[name] ?? null, value, `${where}, from facts`)
              agree(fromTables[row]?.[name] ?? null, value, `${where}, from tables`)
            }
          }
          const keys = [...new Map(questions.map(({ key }) => [JSON.stringify(key), keyOf(key)])).values()]
          const vectors = await reader.read(keys, { now: BigInt(now) })
          for (const [row, key] of keys.entries()) {
            const expected = expectedAt(key, now)
            for (const { field, name, feature, view } of fields) {
              const found = vectors.value(row, field)
              const one = expected.get(view)
              const where = `run ${i}, ${name} of ${JSON.stringify(key)} online at ${new Date(now / 1000).toISOString()}`
              agree(typeof found === 'bigint' ? Number(found) : found, one?.row?.[feature] ?? null, where)
              expect(vectors.status(row, field), where).toBe(
                one?.status ?? presence(valueOf(one?.row?.[feature] ?? null)),
              )
            }
          }
        }
      }),
      { numRuns: runs, endOnFailure: process.env['MARTLET_SHRINK'] !== '1' },
    )
  },
)

interface Expected {
  readonly row: Answers | null
  /** Where it does not follow from the value. */
  readonly status?: FeatureStatus
}

async function trained(options: TrainingSetOptions): Promise<readonly Row[]> {
  return rowsOf(await (await buildTrainingSet(options)).read()).toSorted(
    (a, b) => Number(a['place']) - Number(b['place']),
  )
}

function once(known: Map<number, number>, key: number, compute: () => number): number {
  const value = known.get(key) ?? compute()
  known.set(key, value)
  return value
}

function windowsAt(oracle: OracleMart, view: ViewPlan, key: Row, T: number): Expected {
  const row = featureRow(oracle, view, key, T)
  return row === null ? { row, status: 'NOT_FOUND' } : { row }
}

/**
 * Of the rows whose time plus delay has come and which were there by then, the newest; of those of one time the
 * newest made, then the greatest.
 */
function scoreAt(oracle: OracleMart, view: ViewPlan, names: Names, key: Row, t: number): Expected {
  const known = (oracle.tables['mart.scores'] ?? [])
    .filter((row) => row[names.region] === key[names.region] && row[names.number] === key[names.number])
    .filter((row) => Number(row[names.computed]) + view.delay <= t && Number(row[names.loaded]) <= t)
    .toSorted(
      (a, b) =>
        Number(a[names.computed]) - Number(b[names.computed]) ||
        Number(a[names.loaded]) - Number(b[names.loaded]) ||
        Number(a[names.score]) - Number(b[names.score]),
    )
  const newest = known.at(-1)
  if (newest === undefined) return { row: null, status: 'NOT_FOUND' }
  if (view.ttl !== null && t - Number(newest[names.computed]) > view.ttl)
    return { row: null, status: 'OUTSIDE_MAX_AGE' }
  return { row: { score: newest[names.score] ?? null } }
}

function presence(value: Value): FeatureStatus {
  return value === null ? 'NULL_VALUE' : 'PRESENT'
}
