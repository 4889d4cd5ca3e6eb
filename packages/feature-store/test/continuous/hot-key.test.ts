import { expect, test } from 'vitest'
import { foldViews, openMemoryStore, openOnlineReader, sourceTails } from '../../src/index.ts'
import { eraseOnline } from '../../src/erase/erase-online.ts'
import { keyCodec } from '../../src/online/key-codec.ts'
import { fraud, payments, tempo, velocity } from './payments.ts'

const EVENTS = 100_000
const A_FOLD = 5000
const START = BigInt(Date.UTC(2026, 0, 1)) * 1000n

test('a key of 100,000 events takes no more than its tiles', { timeout: 60_000 }, async () => {
  await using store = openMemoryStore()
  const { events } = store
  if (events === undefined) throw new Error('the store takes no events')
  const views = [velocity.plan, tempo.plan]
  const tails = sourceTails([payments.plan], views).get('payments')
  if (tails === undefined) throw new Error('nobody keeps tails')
  let now = START
  for (let first = 0; first < EVENTS; first += A_FOLD) {
    const batch = Array.from({ length: A_FOLD }, (_, index) => {
      const at = now + BigInt(index) * 1000n
      return { values: [`p-${first + index}`, 'hot', at, at, 0n, 0.1, 10n, 'card', false], time: at }
    })
    const writes = tails(batch)
    now += BigInt(A_FOLD) * 1000n
    await events.append(
      'payments',
      batch.map(({ time }, index) => ({
        id: Buffer.from(`p-${first + index}`),
        body: new Uint8Array(0),
        arrived: time,
        origin: 'push',
        tails: writes[index] ?? [],
      })),
    )
    expect(await foldViews({ online: store, views, sources: [payments.plan], now })).toBe(2 * A_FOLD)
    await events.trim('payments', await events.newest('payments'))
  }
  const key = keyCodec(velocity.plan.entity.keys).encode({ account_id: 'hot' })
  const [parts = []] = (await events.tails([{ table: 'velocity', keys: [key] }]))[0] ?? []
  expect(parts.length).toBe(1)
  expect(parts.reduce((sum, { value }) => sum + value.length, 0)).toBeLessThan(20_000)
  const reader = openOnlineReader({ service: fraud.plan, store, sources: [payments.plan] })
  const value = async (name: string): Promise<unknown> => {
    const vectors = await reader.read([{ account_id: 'hot' }], { now })
    return vectors.value(
      0,
      vectors.fields.findIndex((field) => field.name === name),
    )
  }
  expect(await value('velocity__events_24h')).toBe(BigInt(EVENTS))
  expect(await value('velocity__fees_24h')).toBe(10_000)
  // Added one after the other, 100,000 tenths are 10,000.000000018848.
  expect(await value('velocity__ever')).toBe(10_000)

  const keys = { entity: velocity.plan.entity, rows: [{ account_id: 'hot' }] }
  const erased = await eraseOnline(store, { table: 'velocity', entity: velocity.plan.entity }, keys, false)
  expect(erased).toEqual({ rows: 1, hashed: 0 })
  expect(await value('velocity__ever')).toBeNull()
})
