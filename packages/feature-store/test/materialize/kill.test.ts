import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDuckDb, type Warehouse } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { openCatalog } from '../../src/catalog/catalog.ts'
import { listRuns } from '../../src/catalog/runs.ts'
import { readViewState } from '../../src/catalog/view-state.ts'
import { tableHash } from '../../src/catalog/table-hash.ts'
import { keyCodec } from '../../src/online/key-codec.ts'
import { openLmdbStore } from '../../src/online/lmdb/lmdb-store.ts'
import { addLateFacts, addReadings, changedUsage, createMart, customerUsage, customers, tableRows } from './energy.ts'

type Rows = readonly Record<string, unknown>[]
interface Step {
  readonly name: string
  readonly now: string
  readonly view: 'first' | 'changed'
  /** What happens to the mart before. */
  readonly before: (warehouse: Warehouse) => Promise<void>
}

const steps: readonly Step[] = [
  { name: 'first run', now: '2024-01-29T06:00Z', view: 'first', before: (warehouse) => createMart(warehouse, 28) },
  {
    name: 'new and late facts', now: '2024-02-08T06:00Z', view: 'first',
    before: async (warehouse) => {
      await addReadings(warehouse, 28, 40)
      await addLateFacts(warehouse, '2024-01-27T12:00Z')
    },
  },
  { name: 'rebuild', now: '2024-02-09T06:00Z', view: 'changed', before: (warehouse) => addReadings(warehouse, 40, 41) },
]

const worker = new URL('kill-worker.ts', import.meta.url).pathname
const seed = Number(process.env['MARTLET_SEED'])
const rounds = Math.max(1, Math.round(Number(process.env['MARTLET_RUNS'])))
const killsPerStep = 9 * rounds

/** Where a process is killed: some milliseconds after it has said this for the n-th time. */
interface Moment {
  readonly after: 'open' | 'plan' | 'quality' | 'chunk' | 'last chunk' | 'swap'
  readonly times: number
  readonly millis: number
}

/** In the order in which a step gets that far; the last one comes again until the step has seen its kills. */
function* moments(step: Step, random: () => number): Generator<Moment, never> {
  const at = (after: Moment['after'], millis: number, times = 1): Moment => ({ after, times, millis: random() * millis })
  const chunk = (): Moment => at('chunk', 30, 1 + Math.floor(random() * 3))
  for (let round = 0; round < rounds; round++) {
    yield* [at('open', 30), at('plan', 20), at('quality', 30), chunk(), chunk(), chunk(), at('last chunk', 30)]
    if (step.view === 'changed') yield at('swap', 40)
  }
  for (;;) yield at('open', 60)
}

interface Worker {
  go(moment?: Moment): Promise<{ readonly killed: boolean }>
}

/** Starts a process for one step: it loads its modules and waits. */
function prepare(path: string, step: Step): Worker {
  const child = spawn(process.execPath, ['--conditions=@martlet/source', worker, path, step.now, step.view], { stdio: ['pipe', 'pipe', 'pipe'] })
  let errors = ''
  child.stderr.on('data', (text) => { errors += String(text) })
  const ended = new Promise<NodeJS.Signals | number | null>((resolve) => child.on('close', (code, signal) => resolve(signal ?? code)))
  return {
    async go(moment) {
      let seen = 0
      child.stdout.on('data', (text) => {
        seen += String(text).split('\n').filter((line) => line === moment?.after).length
        if (moment !== undefined && seen >= moment.times) setTimeout(() => child.kill('SIGKILL'), moment.millis)
      })
      child.stdin.write('go\n')
      const how = await ended
      if (how !== 0 && how !== 'SIGKILL') throw new Error(`the worker ended with ${how}: ${errors}`)
      return { killed: how === 'SIGKILL' }
    },
  }
}

/** What readers find: the table, the state in the catalog, the online rows. */
async function look(path: string, step: Step) {
  await using warehouse = await openDuckDb({ path: join(path, 'warehouse.duckdb') })
  await using catalog = await openCatalog({ path: join(path, 'catalog.db') })
  await using online = openLmdbStore({ path: join(path, 'online') })
  const columns = (await warehouse.introspect('features.customer_usage'))?.map(({ name }) => name)
  const shape = columns === undefined ? 'none' : columns.includes('silent') ? 'changed' : 'first'
  const rows: Rows = shape === 'none' ? [] : await tableRows(warehouse, shape === 'changed' ? changedUsage : customerUsage)
  const state = await readViewState(catalog.db, 'customer_usage')
  const checkpoints = await catalog.db.selectFrom('checkpoints').select(['run_id', 'rows']).execute()
  for (const run of await listRuns(catalog.db)) expect(run.rows).toBe(checkpoints.filter(({ run_id: id }) => id === run.id).reduce((sum, { rows }) => sum + rows, 0))
  const keys = Array.from({ length: customers }, (_, index) => keyCodec(customerUsage.plan.entity.keys).encode({ customer_id: `c${index}` }))
  const [found = []] = await online.read([{ table: 'customer_usage', keys }])
  const stored = found.map((row) => (row === undefined ? undefined : { time: row.time, value: Buffer.from(row.value).toString('hex') }))
  const tables = (await warehouse.introspect(`features.customer_usage__rebuild_${tableHash(changedUsage.plan).slice(0, 12)}`)) === undefined ? [] : ['side']
  return { step: step.name, shape, rows, byTime: groupByTime(rows), covered: state.covered, pending: state.pending, unpublishedFrom: state.unpublishedFrom, online: stored, tables }
}

function groupByTime(rows: Rows): ReadonlyMap<string, string> {
  const groups = Map.groupBy(rows, (row) => String(row['feature_time']))
  return new Map([...groups].map(([time, group]) => [time, JSON.stringify(group)]))
}

type Look = Awaited<ReturnType<typeof look>>

/** What must hold whenever a process has died: `before` is the state that the step began with, `after` the one it ends with. */
function checkHalfway(found: Look, before: Look | undefined, after: Look): void {
  const owner = [before, after].find((side) => side?.shape === found.shape)
  if (found.covered !== null) {
    // The watermark belongs to the definition that the rows were computed by, unless a finished swap was not noted yet, and is never ahead of them.
    const noted = found.covered.hash === tableHash(changedUsage.plan) ? 'changed' : 'first'
    if (found.pending?.phase !== 'swapping') expect(noted).toBe(found.shape)
    if (noted === found.shape) {
      for (const time of owner?.byTime.keys() ?? []) {
        if (BigInt(Date.parse(time)) * 1000n < found.covered.watermark) expect(found.byTime.has(time), `${time} is missing`).toBe(true)
      }
    }
  }
  // Rows of one instant are those from before or those from after, all of them, and a rebuild replaces all instants at once.
  const sides = [before, after].filter((side) => side?.shape === found.shape)
  for (const [time, rows] of found.byTime) expect(sides.map((side) => side?.byTime.get(time))).toContain(rows)
  if (before !== undefined && before.shape !== after.shape) expect(found.rows).toEqual(owner?.rows)
}

test(`killed at any moment, ends where an undisturbed run ends (seed ${seed})`, { timeout: 240_000 * rounds }, async () => {
  const random = randomNumbers(seed)
  const [calm, harsh] = [await mkdtemp(join(tmpdir(), 'martlet-calm-')), await mkdtemp(join(tmpdir(), 'martlet-harsh-'))]
  let killed = 0
  try {
    let before: Look | undefined
    for (const step of steps) {
      const undisturbed = prepare(calm, step)
      for (const path of [calm, harsh]) {
        await using warehouse = await openDuckDb({ path: join(path, 'warehouse.duckdb') })
        await step.before(warehouse)
      }
      let next = prepare(harsh, step)
      await undisturbed.go()
      const after = await look(calm, step)
      let kills = 0
      for (const moment of moments(step, random)) {
        const current = next
        next = prepare(harsh, step)
        const run = await current.go(moment)
        if (run.killed) kills++
        checkHalfway(await look(harsh, step), before, after)
        if (kills === killsPerStep) break
      }
      killed += kills
      await next.go()
      const ended = await look(harsh, step)
      expect(ended).toEqual(after)
      expect(ended.unpublishedFrom).toBeNull()
      expect(ended.online.every((row) => row !== undefined)).toBe(true)
      before = after
    }
    expect(killed).toBe(killsPerStep * steps.length)
    await using catalog = await openCatalog({ path: join(harsh, 'catalog.db') })
    expect((await listRuns(catalog.db)).filter(({ outcome, rows }) => outcome === 'abandoned' && rows > 0).length).toBeGreaterThan(0)
  } finally {
    await rm(calm, { recursive: true })
    await rm(harsh, { recursive: true })
  }
})

/** mulberry32 */
function randomNumbers(from: number): () => number {
  let state = from >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
