import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { load, openDuckDb, rowsOf, runScript, snapshot, sql, stepStates, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { emptyFolder, type TestProject } from '../run-martlet.ts'

// Each step starts a process.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })

const seed = Number(process.env['MARTLET_SEED'])

/** Numbers from 0 to 1 that follow from the seed. */
function* numbers(): Generator<number, never> {
  for (let state = seed >>> 0; ;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    yield state / 2 ** 32
  }
}

const LOAD = {
  name: 'things',
  from: { table: 'raw.things' },
  into: 'staging.things',
  key: ['id'],
  loadedAt: 'loaded_at',
  newest: 'updated_at',
} as const
const SNAPSHOT = {
  name: 'things',
  from: { table: 'raw.things' },
  into: 'mart.dim_thing',
  key: ['id'],
  at: 'updated_at',
  loadedAt: 'loaded_at',
} as const

const CONFIG = `import { defineConfig } from 'martlet'
export default defineConfig({
  warehouse: { duckdb: 'warehouse.duckdb' },
  catalog: { sqlite: 'catalog.sqlite' },
  online: 'memory',
  artifacts: { folder: 'artifacts' },
  definitions: { views: [] },
  loads: [${JSON.stringify({ ...LOAD, from: 'raw.things' })}],
  snapshots: [${JSON.stringify({ ...SNAPSHOT, from: 'raw.things' })}],
})
`
const TABLES = `
  CREATE SCHEMA raw; CREATE SCHEMA staging; CREATE SCHEMA mart;
  CREATE TABLE raw.things (id INTEGER, n INTEGER, updated_at TIMESTAMP, loaded_at TIMESTAMP);
  CREATE TABLE staging.things (id INTEGER NOT NULL PRIMARY KEY, n INTEGER, updated_at TIMESTAMP NOT NULL, loaded_at TIMESTAMP NOT NULL);
  CREATE TABLE mart.dim_thing (id INTEGER NOT NULL, n INTEGER, valid_from TIMESTAMP NOT NULL, valid_to TIMESTAMP);
`
/** Versions of 500 keys in no order, some of them twice. */
const DELIVERY = `
  INSERT INTO raw.things
  SELECT hash(i) % 500, hash(i, 1) % 3, TIMESTAMP '2026-01-01' + to_hours(CAST(hash(i, 2) % 400 AS BIGINT)),
    TIMESTAMP '2026-02-01' + to_seconds(CAST(i AS BIGINT))
  FROM (SELECT i FROM range(4000) AS r(i) UNION ALL SELECT i FROM range(0, 4000, 7) AS r(i))
`

describe(`killed at any moment (seed ${seed})`, () => {
  let project: TestProject
  const random = numbers()
  const opened = (folder: string): Promise<Warehouse> => openDuckDb({ path: join(folder, 'warehouse.duckdb') })
  const inside = async <T>(work: (warehouse: Warehouse) => Promise<T>): Promise<T> => {
    await using warehouse = await opened(project.folder)
    return await work(warehouse)
  }
  const read = async (warehouse: Warehouse, query: string) => rowsOf(await warehouse.read(sql.raw(query)))
  const staging = 'SELECT id, n, updated_at, loaded_at FROM staging.things ORDER BY id'
  const intervals = 'SELECT id, n, valid_from, valid_to FROM mart.dim_thing ORDER BY id, valid_from'
  /** What one run would have written that reads until then. */
  const newest = (until: bigint) => `
    SELECT id, n, updated_at, loaded_at FROM raw.things WHERE epoch_us(loaded_at) <= ${until}
    QUALIFY ROW_NUMBER() OVER (PARTITION BY id ORDER BY updated_at DESC, loaded_at DESC) = 1 ORDER BY id
  `
  /** Kills a command some milliseconds after it has printed an event for the n-th time; whether it was still running. */
  const kill = async (type: string, times: number, millis: number, ...args: string[]): Promise<boolean> => {
    const running = project.start(...args, '--events')
    let seen = 0
    running.child.stderr?.on('data', (text: string) => {
      seen += text.split(`"type":"${type}"`).length - 1
      if (seen >= times) void sleep(millis).then(() => running.child.kill('SIGKILL'))
    })
    return (await running.ended).code === null
  }

  beforeAll(async () => {
    project = await emptyFolder()
    await project.write('martlet.config.ts', CONFIG)
    await inside((warehouse) => runScript(warehouse, `${TABLES};${DELIVERY}`))
  })
  afterAll(() => project[Symbol.asyncDispose]())

  it('load is completed by the next run, and before that has what it says', async () => {
    let kills = 0
    const watermarks: bigint[] = []
    for (let attempt = 0; kills < 7; attempt++) {
      expect(attempt).toBeLessThan(20)
      const times = 1 + Math.floor(random.next().value * 3)
      if (!(await kill('load', times, random.next().value * 25, 'load', '--chunk-rows', '150'))) continue
      kills++
      await inside(async (warehouse) => {
        const state = (await stepStates(warehouse)).find(({ kind }) => kind === 'load')
        const until = state?.watermark ?? 0n
        watermarks.push(until)
        expect(await read(warehouse, staging)).toEqual(await read(warehouse, newest(until)))
      })
    }
    // Some runs got somewhere before they were killed, and no run lost what another one had done.
    expect(watermarks).toEqual(watermarks.toSorted((a, b) => Number(a - b)))
    expect(new Set(watermarks).size).toBeGreaterThan(2)
    await project.json(0, 'load')
    const undisturbed = await inside(async (warehouse) => {
      expect(await read(warehouse, staging)).toEqual(await read(warehouse, newest(2n ** 60n)))
      return read(warehouse, 'SELECT COUNT(*) AS n FROM staging.things')
    })
    expect(undisturbed).toEqual([{ n: 500 }])
  })

  it('snapshot has changed nothing, or everything, and is completed by the next run', async () => {
    await using calm = await openDuckDb()
    await runScript(calm, `${TABLES};${DELIVERY}`)
    await snapshot(calm, SNAPSHOT)
    const whole = await read(calm, intervals)
    expect(whole.length).toBeGreaterThan(1000)
    let kills = 0
    for (let attempt = 0; kills < 6; attempt++) {
      expect(attempt).toBeLessThan(20)
      if (!(await kill('snapshot', 1, random.next().value * 120, 'snapshot'))) {
        // It was faster than its end; the next one begins anew.
        await inside((warehouse) => runScript(warehouse, 'DELETE FROM mart.dim_thing'))
        continue
      }
      kills++
      const has = await inside((warehouse) => read(warehouse, intervals))
      expect(has.length === 0 ? whole : has).toEqual(whole)
    }
    await project.json(0, 'snapshot')
    expect(await inside((warehouse) => read(warehouse, intervals))).toEqual(whole)
    expect(await project.json(0, 'snapshot')).toMatchObject({
      snapshots: [{ read: 0, inserted: 0, updated: 0, removed: 0 }],
    })
    await load(calm, LOAD)
    expect(await inside((warehouse) => read(warehouse, staging))).toEqual(await read(calm, staging))
  })
})
