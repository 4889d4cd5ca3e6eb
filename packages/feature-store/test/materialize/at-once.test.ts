import { spawn } from 'node:child_process'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { testEngine } from '../../../warehouse/test/support/engine.ts'
import { applyDefinitions } from '../../src/catalog/apply.ts'
import { listRuns } from '../../src/catalog/runs.ts'
import { planDefinitions } from '../../src/catalog/plan-definitions.ts'
import { featureView } from '../../src/define/feature-view.ts'
import { dropRemovedViews } from '../../src/materialize/drop-removed.ts'
import { materialize } from '../../src/materialize/materialize.ts'
import { openMemoryStore } from '../../src/online/memory/memory-store.ts'
import { changedUsage, createMart, customer, customerUsage, customers, errorCode, tableRows, usage } from './energy.ts'
import { inPlace } from './in-place.ts'
import { openSite } from './site.ts'

const now = '2024-02-01T06:00Z'
const totals = featureView('customer_total', {
  of: customer,
  from: usage,
  every: '7d',
  features: (f) => ({ readings: f.count().lifetime() }),
})

test('two runs of one view in one process: one works, the other hears who does', () =>
  inPlace(async ({ warehouse, catalog }) => {
    await createMart(warehouse)
    const runs = [1, 2].map(() =>
      errorCode(
        materialize({ warehouse, catalog, views: [customerUsage], quality: false, now, chunk: { instants: 4 } }),
      ),
    )
    expect((await Promise.all(runs)).toSorted()).toEqual(['LEASE_HELD', 'no error'])
    expect(await tableRows(warehouse, customerUsage)).toHaveLength(31 * customers)
    expect(await catalog.db.selectFrom('leases').selectAll().execute()).toEqual([])
  }))

test.skipIf(testEngine === 'snowflake-live')(
  'two processes on one warehouse: the second is told that it is taken, and nothing is lost',
  { timeout: 60_000 },
  async () => {
    await using site = await openSite()
    {
      await using warehouse = await site.open()
      await createMart(warehouse)
    }
    const run = () => {
      const child = spawn(
        process.execPath,
        [
          '--conditions=@martlet/source',
          new URL('kill-worker.ts', import.meta.url).pathname,
          site.path,
          now,
          'first',
          site.double?.url ?? '',
        ],
        { stdio: ['pipe', 'ignore', 'pipe'] },
      )
      let errors = ''
      child.stderr.on('data', (text) => {
        errors += String(text)
      })
      child.stdin.write('go\n')
      return new Promise<string>((resolve) =>
        child.on('close', (code) =>
          resolve(code === 0 ? 'done' : (/WAREHOUSE_LOCKED|LEASE_HELD/.exec(errors)?.[0] ?? errors)),
        ),
      )
    }
    const ends = await Promise.all([run(), run()])
    expect(ends).toContain('done')
    for (const end of ends) expect(['done', 'WAREHOUSE_LOCKED', 'LEASE_HELD']).toContain(end)
    await using warehouse = await site.open()
    expect(await tableRows(warehouse, customerUsage)).toHaveLength(31 * customers)
  },
)

test('several views in one call share their checks, and an error in one source writes none of them', () =>
  inPlace(async ({ warehouse, catalog }) => {
    await createMart(warehouse)
    await warehouse.run(sql`UPDATE mart.fact_usage SET kwh = -1 WHERE customer_id = 'c1'`)
    const views = [customerUsage, totals]
    const failed = ['customer_usage', 'customer_total'].map((view) =>
      expect.objectContaining({ view, code: 'QUALITY_FAILED' }),
    )
    await expect(materialize({ warehouse, catalog, views, now })).rejects.toMatchObject({
      code: 'MATERIALIZE_FAILED',
      failed,
      done: [],
    })
    expect(await warehouse.introspect('features.customer_total')).toBeUndefined()
    expect((await listRuns(catalog.db)).map(({ outcome }) => outcome)).toEqual(['failed', 'failed'])
    const severity = { 'mart.fact_usage.kwh.range': 'warn' } as const
    const done = await materialize({ warehouse, catalog, views, now, quality: { severity } })
    expect(done.map(({ view, rows }) => [view, rows > 0])).toEqual([
      ['customer_usage', true],
      ['customer_total', true],
    ])
  }))

test('code that is older than what was applied does not rebuild', () =>
  inPlace(async ({ warehouse, catalog }) => {
    await createMart(warehouse)
    await applyDefinitions(catalog, await planDefinitions(catalog, [changedUsage]))
    expect(await errorCode(materialize({ warehouse, catalog, views: [customerUsage], now }))).toBe(
      'DEFINITION_NOT_APPLIED',
    )
    expect(await errorCode(materialize({ warehouse, catalog, views: [changedUsage], quality: false, now }))).toBe(
      'no error',
    )
  }))

test('rows of removed views are dropped when asked, offline and online', () =>
  inPlace(async ({ warehouse, catalog }) => {
    await createMart(warehouse)
    const online = openMemoryStore()
    await applyDefinitions(catalog, await planDefinitions(catalog, [customerUsage, totals]))
    await materialize({ warehouse, catalog, online, views: [customerUsage, totals], quality: false, now })
    await applyDefinitions(catalog, await planDefinitions(catalog, [totals]), { allowDrop: true })
    expect(await dropRemovedViews({ warehouse, catalog, online })).toEqual(['customer_usage'])
    expect(await dropRemovedViews({ warehouse, catalog, online })).toEqual([])
    expect(await warehouse.introspect('features.customer_usage')).toBeUndefined()
    expect(await warehouse.introspect('ml.customer_usage_latest')).toBeUndefined()
    expect([await online.count('customer_usage'), await online.count('customer_total')]).toEqual([0, customers])
    await applyDefinitions(catalog, await planDefinitions(catalog, [customerUsage, totals]))
    const [again] = await materialize({ warehouse, catalog, online, views: [customerUsage], quality: false, now })
    expect(again).toMatchObject({ reason: 'first run', published: customers })
  }))

test('a run that another process has taken over stops at its next checkpoint, and the rows come out the same', () =>
  inPlace(async ({ warehouse, catalog }) => {
    await createMart(warehouse)
    let chunks = 0
    const prepare = async (): Promise<void> => {
      if (++chunks !== 3) return
      await catalog.db.updateTable('leases').set({ token: 'theirs' }).execute()
    }
    const options = { warehouse, catalog, views: [customerUsage], quality: false, now, chunk: { instants: 4 } } as const
    expect(await errorCode(materialize({ ...options, prepare }))).toBe('LEASE_LOST')
    expect(await catalog.db.selectFrom('checkpoints').select('rows').execute()).toHaveLength(2)
    expect((await listRuns(catalog.db)).map(({ outcome, rows }) => [outcome, rows])).toEqual([
      ['failed', 8 * customers],
    ])
    await catalog.db.deleteFrom('leases').execute()
    const [done] = await materialize(options)
    expect(done?.reason).toContain('resumes the first run, which stopped at 2024-01-10')
    expect(await tableRows(warehouse, customerUsage)).toHaveLength(31 * customers)
  }))
