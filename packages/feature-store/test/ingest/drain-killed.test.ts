import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { openDuckDb, rowsOf, sql } from '@martlet/warehouse'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { drain, openIntake, openLmdbStore } from '@martlet/feature-store'
import { payments } from './payments.ts'

const EVENTS = 1500
const KILLS = Math.max(1, Math.round(6 * Number(process.env['MARTLET_RUNS'] ?? 1)))

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'martlet-drain-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

/** Every seventh event is not valid. */
const isValid = (index: number): boolean => index % 7 !== 0
const body = (index: number): Buffer =>
  Buffer.from(
    JSON.stringify({
      payment_id: `p${index}`,
      account_id: `a${index % 13}`,
      amount: isValid(index) ? index : -1,
      ts: '2026-11-30T10:00:00Z',
    }),
  )

/** Drains in a process of its own, which is killed a while after it has told some batches. */
async function killedDrain(database: string, online: string, batches: number, wait: number): Promise<void> {
  const script = join(import.meta.dirname, 'drain-child.ts')
  const child = spawn(process.execPath, ['--conditions=@martlet/source', script, database, online], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  let told = -1
  for await (const _ of createInterface({ input: child.stdout })) if (++told >= batches) break
  await setTimeout(wait)
  child.kill('SIGKILL')
  await exited
}

test('a drain that is killed at any moment, again and again, loses no event and brings none twice', async () => {
  const [database, online] = [join(folder, 'warehouse.duckdb'), join(folder, 'online')]
  const store = openLmdbStore({ path: online })
  if (store.events === undefined) throw new Error('no events')
  const intake = openIntake(payments.plan, store.events)
  const bodies = Array.from({ length: EVENTS }, (_, index) => ({ body: body(index) }))
  await intake.append(intake.read(bodies, { arrived: 1_796_000_000_000_000n, origin: () => 'push' }))
  const draws = fc.sample(fc.record({ batches: fc.nat(2), wait: fc.nat(25) }), KILLS)
  for (const { batches, wait } of draws) await killedDrain(database, online, batches, wait)

  await using warehouse = await openDuckDb({ path: database })
  const { position } = await drain({ warehouse, source: payments.plan, events: store.events })
  expect(position).toBe(BigInt(EVENTS))
  expect(await store.events.read('payments', 0n, 10)).toEqual([])
  const column = async (query: ReturnType<typeof sql>): Promise<unknown[]> =>
    rowsOf(await warehouse.read(query)).map((row) => row['x'])
  const all = Array.from({ length: EVENTS }, (_, index) => index)
  expect(await column(sql`SELECT _position AS x FROM raw.payments`)).toEqual(all.map((index) => index + 1))
  expect(await column(sql`SELECT _event AS x FROM raw.payments`)).toEqual(all.map((index) => body(index).toString()))
  expect(await column(sql`SELECT payment_id AS x FROM mart.payments`)).toEqual(
    all.filter(isValid).map((index) => `p${index}`),
  )
  expect(await column(sql`SELECT _position AS x FROM raw.payments_rejected`)).toEqual(
    all.filter((index) => !isValid(index)).map((index) => index + 1),
  )
  await store.close()
}, 240_000)
