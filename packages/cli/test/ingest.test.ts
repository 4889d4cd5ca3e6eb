import { openIntake, openLmdbStore, type EventStore } from '@martlet/feature-store'
import { openDuckDb, rowsOf, sql } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { emptyFolder, type TestProject } from './run-martlet.ts'

// Each command starts a process.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const definitions = `import { entity, fact, source } from '@martlet/feature-store'
import { z } from 'zod'

const account = entity('account', { account_id: z.string() })
const paymentFact = fact('mart.payments', {
  columns: { payment_id: z.string(), account_id: z.string(), amount: z.number(), ts: z.date(), arrived_at: z.date() },
  entities: [account],
  eventTime: 'ts',
  knownAt: 'arrived_at',
})
export const payments = source('payments', { into: paymentFact, id: ['payment_id'], arrived: 'arrived_at' })
`
const config = `export default {
  warehouse: { duckdb: 'warehouse.duckdb' },
  catalog: { sqlite: 'catalog.sqlite' },
  online: { lmdb: 'online' },
  artifacts: { folder: 'artifacts' },
  definitions: () => import('./definitions.ts'),
  serving: { auth: 'none' },
}
`

describe('martlet ingest', () => {
  let project: TestProject
  beforeAll(async () => {
    project = await emptyFolder()
    await project.write('martlet.config.ts', config)
    await project.write('definitions.ts', definitions)
  })
  afterAll(() => project[Symbol.asyncDispose]())

  const withEvents = async <T>(work: (events: EventStore) => Promise<T>): Promise<T> => {
    await using store = openLmdbStore({ path: project.path('online') })
    if (store.events === undefined) throw new Error('no events')
    return await work(store.events)
  }
  const push = (...ids: readonly string[]) =>
    withEvents(async (events) => {
      const { payments } = await import(project.path('definitions.ts'))
      const intake = openIntake(payments.plan, events)
      const bodies = ids.map((id) => ({
        body: Buffer.from(
          JSON.stringify({
            payment_id: id,
            account_id: 'a',
            amount: id === 'bad' ? 'x' : 1,
            ts: '2026-11-30T10:00:00Z',
          }),
        ),
      }))
      const arrived = BigInt(Date.now()) * 1000n
      return intake.append(intake.read(bodies, { arrived, origin: () => 'push' }))
    })
  const inWarehouse = async (): Promise<unknown[]> => {
    await using warehouse = await openDuckDb({ path: project.path('warehouse.duckdb') })
    return rowsOf(await warehouse.read(sql`SELECT payment_id FROM mart.payments ORDER BY 1`)).map(
      (row) => row['payment_id'],
    )
  }
  const answer = (events: number, rejected: number, position: number) => ({
    ok: true,
    command: 'ingest',
    exitCode: 0,
    sources: [{ source: 'payments', position, lag: 0, events, rejected }],
  })

  it('brings what is in the journal, and nothing twice; status says what waits', async () => {
    await push('p1', 'bad', 'p2')
    expect(await project.json(0, 'status')).toMatchObject({
      sources: [{ source: 'payments', position: 3, lag: 3, waitingSince: expect.any(String) }],
    })
    expect(await project.json(0, 'ingest')).toEqual(answer(3, 1, 3))
    expect(await project.json(0, 'ingest', 'payments', '--once')).toEqual(answer(0, 0, 3))
    expect(await project.json(0, 'status')).toMatchObject({ sources: [{ position: 3, lag: 0, waitingSince: null }] })
    expect(await inWarehouse()).toEqual(['p1', 'p2'])
    const { stdout } = await project.martlet('status')
    expect(stdout.replaceAll(/ +/g, ' ')).toContain('payments 3 0 –')
  })

  it('makes rows again from raw', async () => {
    expect(await project.json(0, 'ingest', '--replay')).toMatchObject({
      replayed: [{ source: 'payments', events: 3, rows: 2, rejected: 1 }],
    })
    expect(await inWarehouse()).toEqual(['p1', 'p2'])
  })

  it('follows the journal, and holds the warehouse only while it brings events', async () => {
    const running = project.start('ingest', '--follow', '--every', '50ms', '--json')
    await push('p3')
    await running.printed('"position":4', 'stderr')
    // Others can open the file in between.
    await vi.waitFor(async () => expect(await inWarehouse()).toEqual(['p1', 'p2', 'p3']), 20_000)
    await push('p4', 'p5')
    await running.printed('"position":6', 'stderr')
    running.child.kill('SIGTERM')
    const { code, stdout } = await running.ended
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toEqual(answer(3, 0, 6))
  })

  it('names what is wrong with its arguments', async () => {
    expect(await project.json(64, 'ingest', 'payment')).toMatchObject({ error: { code: 'SOURCE_UNKNOWN' } })
    expect(await project.json(64, 'ingest', '--follow', '--replay')).toMatchObject({ error: { code: 'USAGE' } })
    expect(await project.json(64, 'ingest', '--follow', '--every', 'often')).toMatchObject({ error: { code: 'USAGE' } })
  })

  it('is what a server of the project fills: pushed over HTTP, then in the warehouse', async () => {
    await project.martlet('apply', '--yes')
    const running = project.start('serve', '--port', '0', '--json')
    const printed = await running.printed('"url"', 'stdout')
    const { url }: { url: string } = JSON.parse(printed)
    const response = await fetch(`${url}/v1/push/payments`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ payment_id: 'p9', account_id: 'a', amount: 2, ts: '2026-11-30T10:00:00Z' }),
    })
    expect(await response.json()).toEqual({ accepted: 1, repeated: 0, rejected: [], position: 7 })
    // As after a crash: what was acknowledged is there.
    running.child.kill('SIGKILL')
    await running.ended
    expect(await project.json(0, 'ingest')).toEqual(answer(1, 0, 7))
    expect(await inWarehouse()).toContain('p9')
  })
})
