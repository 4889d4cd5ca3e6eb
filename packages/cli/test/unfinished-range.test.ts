import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  applyDefinitions,
  entity,
  fact,
  featureView,
  materialize,
  planDefinitions,
  type MaterializeEvent,
} from '@martlet/feature-store'
import { sql } from '@martlet/warehouse'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { rangeText } from '../src/command/status.ts'
import { openProject } from '../src/project/project.ts'
import { viewStatuses } from '../src/project/view-status.ts'

it('status names the range that was stopped, and the command that finishes it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'martlet-range-'))
  try {
    const customer = entity('customer', { customer_id: z.string() })
    const usage = fact('mart.usage', {
      columns: { customer_id: z.string(), ts: z.date(), kwh: z.number() },
      entities: [customer],
      eventTime: 'ts',
    })
    const view = featureView('daily', {
      of: customer,
      from: usage,
      every: '1d',
      features: (f) => ({ kwh: f.sum('kwh').over('1d') }),
    })
    await using project = openProject(
      {
        warehouse: { duckdb: ':memory:' },
        catalog: { sqlite: 'catalog.sqlite' },
        online: 'memory',
        artifacts: { folder: 'artifacts' },
        definitions: { views: [view] },
      },
      { folder },
    )
    const [warehouse, catalog] = [await project.warehouse(), await project.catalog()]
    await warehouse.run(sql`CREATE SCHEMA mart`)
    await warehouse.run(
      sql`CREATE TABLE mart.usage AS SELECT 'c1' AS customer_id,
        TIMESTAMP '2024-01-01 12:00' + to_days(CAST(i AS INTEGER)) AS ts, 1.0::DOUBLE AS kwh FROM range(30) r(i)`,
    )
    await applyDefinitions(catalog, await planDefinitions(catalog, [view]))
    const run = { warehouse, catalog, views: [view], quality: false as const, now: '2024-01-25' }
    await materialize(run)
    expect((await viewStatuses(project, Date.now()))[0]?.unfinished).toBeNull()
    const range = { ...run, from: '2024-01-05', to: '2024-01-15T06:00Z', chunk: { instants: 2 } }
    const stop = new AbortController()
    const onProgress = ({ type }: MaterializeEvent): void => void (type === 'chunk' && stop.abort())
    await expect(materialize({ ...range, onProgress, signal: stop.signal })).rejects.toThrow(
      'The same call with the same from and to',
    )
    const [status] = await viewStatuses(project, Date.now())
    if (status === undefined || status.unfinished === null) throw new Error('status knows of no range')
    expect(rangeText('daily', status.unfinished)).toBe(
      'a range was not finished, and is written before 2024-01-07: `martlet materialize daily --from 2024-01-05 --to ' +
        '2024-01-16` continues there',
    )
    const { from, to } = status.unfinished
    await materialize({ ...range, from, to })
    expect((await viewStatuses(project, Date.now()))[0]?.unfinished).toBeNull()
  } finally {
    await rm(folder, { recursive: true })
  }
})
