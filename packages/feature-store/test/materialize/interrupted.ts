import { join } from 'node:path'
import type { Warehouse } from '@martlet/warehouse'
import { expect } from 'vitest'
import { openCatalog } from '../../src/catalog/catalog.ts'
import { listRuns } from '../../src/catalog/runs.ts'
import { readViewState } from '../../src/catalog/view-state.ts'
import { tableHash } from '../../src/catalog/table-hash.ts'
import { keyCodec } from '../../src/online/key-codec.ts'
import { openLmdbStore } from '../../src/online/lmdb/lmdb-store.ts'
import { addLateFacts, addReadings, changedUsage, createMart, customerUsage, customers, tableRows } from './energy.ts'
import type { Site } from './site.ts'

type Rows = readonly Record<string, unknown>[]
export interface Step {
  readonly name: string
  readonly now: string
  readonly view: 'first' | 'changed'
  /** What happens to the mart before. */
  readonly before: (warehouse: Warehouse) => Promise<void>
}

export const steps: readonly Step[] = [
  { name: 'first run', now: '2024-01-29T06:00Z', view: 'first', before: (warehouse) => createMart(warehouse, 28) },
  {
    name: 'new and late facts',
    now: '2024-02-08T06:00Z',
    view: 'first',
    before: async (warehouse) => {
      await addReadings(warehouse, 28, 40)
      await addLateFacts(warehouse, '2024-01-27T12:00Z')
    },
  },
  { name: 'rebuild', now: '2024-02-09T06:00Z', view: 'changed', before: (warehouse) => addReadings(warehouse, 40, 41) },
]

/** What readers find: the table, the state in the catalog, the online rows. */
export async function look({ path, open }: Site, step: Step) {
  await using warehouse = await open()
  await using catalog = await openCatalog({ path: join(path, 'catalog.db') })
  await using online = openLmdbStore({ path: join(path, 'online') })
  const columns = (await warehouse.introspect('features.customer_usage'))?.map(({ name }) => name)
  const shape = columns === undefined ? 'none' : columns.includes('silent') ? 'changed' : 'first'
  const rows: Rows =
    shape === 'none' ? [] : await tableRows(warehouse, shape === 'changed' ? changedUsage : customerUsage)
  const state = await readViewState(catalog.db, 'customer_usage')
  const checkpoints = await catalog.db.selectFrom('checkpoints').select(['run_id', 'rows']).execute()
  for (const run of await listRuns(catalog.db))
    expect(run.rows).toBe(
      checkpoints.filter(({ run_id: id }) => id === run.id).reduce((sum, { rows }) => sum + rows, 0),
    )
  const keys = Array.from({ length: customers }, (_, index) =>
    keyCodec(customerUsage.plan.entity.keys).encode({ customer_id: `c${index}` }),
  )
  const [found = []] = await online.read([{ table: 'customer_usage', keys }])
  const stored = found.map((row) =>
    row === undefined ? undefined : { time: row.time, value: Buffer.from(row.value).toString('hex') },
  )
  const tables =
    (await warehouse.introspect(`features.customer_usage__rebuild_${tableHash(changedUsage.plan).slice(0, 12)}`)) ===
    undefined
      ? []
      : ['side']
  return {
    step: step.name,
    shape,
    rows,
    byTime: groupByTime(rows),
    covered: state.covered,
    pending: state.pending,
    unpublishedFrom: state.unpublishedFrom,
    online: stored,
    tables,
  }
}

function groupByTime(rows: Rows): ReadonlyMap<string, string> {
  const groups = Map.groupBy(rows, (row) => String(row['feature_time']))
  return new Map([...groups].map(([time, group]) => [time, JSON.stringify(group)]))
}

export type Look = Awaited<ReturnType<typeof look>>

/**
 * What must hold whenever a process has died: `before` is the state that the step began with, `after` the one it ends
 * with.
 */
export function checkHalfway(found: Look, before: Look | undefined, after: Look): void {
  const owner = [before, after].find((side) => side?.shape === found.shape)
  if (found.covered !== null) {
    // The watermark belongs to the definition that the rows were computed by, unless a finished swap was not noted yet,
    // and is never ahead of them.
    const noted = found.covered.hash === tableHash(changedUsage.plan) ? 'changed' : 'first'
    if (found.pending?.phase !== 'swapping') expect(noted).toBe(found.shape)
    if (noted === found.shape) {
      for (const time of owner?.byTime.keys() ?? []) {
        if (BigInt(Date.parse(time)) * 1000n < found.covered.watermark)
          expect(found.byTime.has(time), `${time} is missing`).toBe(true)
      }
    }
  }
  // Rows of one instant are those from before or those from after, all of them, and a rebuild replaces all instants at
  // once.
  const sides = [before, after].filter((side) => side?.shape === found.shape)
  for (const [time, rows] of found.byTime) expect(sides.map((side) => side?.byTime.get(time))).toContain(rows)
  if (before !== undefined && before.shape !== after.shape) expect(found.rows).toEqual(owner?.rows)
}

/** mulberry32 */
export function randomNumbers(from: number): () => number {
  let state = from >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
