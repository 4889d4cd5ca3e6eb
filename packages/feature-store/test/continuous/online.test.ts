import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  entity,
  fact,
  featureService,
  featureView,
  openMemoryStore,
  openLmdbStore,
  openOnlineReader,
  source,
  type ArrivedEvent,
  type EventStore,
  type OnlineStore,
} from '../../src/index.ts'
import { closing } from '../../src/continuous/closing.ts'
import { foldTails } from '../../src/continuous/fold.ts'
import { stateLayout } from '../../src/continuous/layout.ts'
import { publicationRow, PUBLICATIONS } from '../../src/continuous/publication.ts'
import { sourceTails } from '../../src/continuous/source-tails.ts'
import { Summary } from '../../src/continuous/summary.ts'
import { ByteWriter } from '../../src/online/byte-writer.ts'
import { keyCodec } from '../../src/online/key-codec.ts'
import { hopOf } from '../../src/plan/time/hop.ts'
import { redisStore } from '../../src/redis.ts'
import { hasRedis, startRedis, type RedisProcess } from '../online/redis-process.ts'

const SECOND = 1_000_000n
const MINUTE = 60n * SECOND
const START = BigInt(Date.UTC(2024, 0, 1)) * 1000n

const account = entity('account', { account_id: z.string() })
const payment = fact('mart.payments', {
  columns: { payment_id: z.string(), account_id: z.string(), at: z.date(), arrived_at: z.date(), amount: z.int() },
  entities: [account],
  eventTime: 'at',
  knownAt: 'arrived_at',
})
const velocity = featureView('velocity', {
  of: account,
  from: payment,
  every: 'continuous',
  features: (f) => ({
    paid: f.sum('amount').over('5m', '1h'),
    paid_all: f.sum('amount').lifetime(),
    last: f.last('amount'),
  }),
  derive: (v) => ({ share: v.paid_5m.div(v.paid_1h) }),
})
const tempo = featureView('tempo', {
  of: account,
  from: payment,
  every: 'continuous',
  clock: 'newest event',
  features: (f) => ({ events: f.count().over('5m') }),
})
const payments = source('payments', { into: payment, id: ['payment_id'], arrived: 'arrived_at' })
const service = featureService('fraud', [velocity, tempo])
const tails = sourceTails([payments.plan], [velocity.plan, tempo.plan]).get('payments')
const layouts = [velocity.plan, tempo.plan].map(stateLayout)
const codec = keyCodec(velocity.plan.entity.keys)
const ACCOUNTS = ['a', 'b', 'c'] as const

interface Payment {
  readonly account: (typeof ACCOUNTS)[number]
  readonly at: bigint
  readonly arrived: bigint
  readonly amount: bigint
}

function arrivedEvent(payment: Payment, id: number): ArrivedEvent {
  const { account: of, at, arrived, amount } = payment
  const [writes = []] = tails?.([{ values: [String(id), of, at, arrived, amount], time: at }]) ?? []
  return { id: Buffer.from(String(id)), body: Buffer.from(''), arrived, origin: 'push', tails: writes }
}

/** Publishes bases as `materialize` does, in as many steps as callers want to look in between. */
async function* publish(
  store: OnlineStore,
  drained: readonly Payment[],
  { position, now }: { readonly position: bigint; readonly now: bigint },
): AsyncGenerator<void> {
  for (const layout of layouts) {
    const { view } = layout
    const newest = drained.reduce<bigint | null>((most, { at }) => (most === null || at > most ? at : most), null)
    const border = closing(view, [newest], now)
    const [[stored] = []] = await store.read([{ table: PUBLICATIONS, keys: [Buffer.from(view.name)] }])
    for (const of of ACCOUNTS) {
      const own = drained.filter((one) => one.account === of)
      if (own.length === 0) continue
      const summary = new Summary(layout, border)
      for (const one of own) {
        const values = layout.inputs.map(({ column }) => (column === null ? 1n : one.amount))
        summary.add({ time: one.at, since: one.arrived, sequence: null, values })
      }
      const out = new ByteWriter()
      summary.write(out)
      const value = Uint8Array.from(out.bytes.subarray(0, out.length))
      await store.write(view.name, [{ key: codec.encode({ account_id: of }), time: position, value }])
      yield
    }
    await store.write(PUBLICATIONS, [publicationRow(view.name, { position, source: 'payments', newest })])
    yield
    if (stored !== undefined) await store.events?.dropTails(view.name, stored.time)
    yield
  }
}

async function expectRows(store: OnlineStore, all: readonly Payment[], now: bigint): Promise<void> {
  const reader = openOnlineReader({ service: service.plan, store, sources: [payments.plan] })
  const vectors = await reader.read(
    ACCOUNTS.map((of) => ({ account_id: of })),
    { now },
  )
  const arrived = all.filter((one) => one.arrived <= now)
  const newest = arrived.reduce((most, { at }) => (at > most ? at : most), 0n)
  const closedAt = newest + 1n < now ? newest + 1n : now
  for (const [row, of] of ACCOUNTS.entries()) {
    const counted = arrived.filter((one) => one.account === of && one.at < now)
    const value = (name: string): unknown =>
      vectors.value(
        row,
        vectors.fields.findIndex((field) => field.name === name),
      )
    if (counted.length === 0) {
      expect(vectors.status(row, 0)).toBe('NOT_FOUND')
      continue
    }
    const over = (window: bigint, t: bigint): readonly Payment[] => {
      const hop = BigInt(hopOf(Number(window)))
      return counted.filter(({ at }) => at < t && at >= ((t - window) / hop) * hop)
    }
    const sum = (of: readonly Payment[]): bigint => of.reduce((total, { amount }) => total + amount, 0n)
    const [paid5, paid60] = [sum(over(5n * MINUTE, now)), sum(over(60n * MINUTE, now))]
    expect(value('velocity__paid_5m')).toBe(paid5)
    expect(value('velocity__paid_1h')).toBe(paid60)
    expect(value('velocity__paid_all')).toBe(sum(counted))
    expect(value('velocity__share')).toBe(paid60 === 0n ? null : Number(paid5) / Number(paid60))
    const last = counted.toSorted((a, b) => Number(a.at - b.at) || Number(a.amount - b.amount)).at(-1)
    expect(value('velocity__last')).toBe(last?.amount)
    expect(vectors.closedAt(row, 0)).toBe(now)
    expect(vectors.featureTime(row, 0)).toBe(last?.at)
    const inTempo = counted.filter(({ at }) => at < closedAt)
    if (inTempo.length === 0) continue
    expect(value('tempo__events_5m')).toBe(BigInt(over(5n * MINUTE, closedAt).length))
    expect(vectors.closedAt(row, 1)).toBe(closedAt)
    expect(vectors.lookups?.(row)).toBeUndefined()
  }
}

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.array(
      fc.record({
        account: fc.constantFrom(...ACCOUNTS),
        ago: fc.oneof(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 4000 })),
        amount: fc.bigInt({ min: -9n, max: 9n }),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  },
  { weight: 1, arbitrary: fc.constant('publish' as const) },
  { weight: 1, arbitrary: fc.constant('fold' as const) },
)

let folder = ''
let redis: RedisProcess | undefined
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'martlet-continuous-'))
  if (hasRedis) redis = await startRedis()
})
afterAll(async () => {
  await redis?.remove()
  await rm(folder, { recursive: true, force: true })
})
let opened = 0
const places: readonly (readonly [string, () => OnlineStore | Promise<OnlineStore>])[] = [
  ['memory', () => openMemoryStore()],
  ['lmdb', () => openLmdbStore({ path: join(folder, `store-${opened++}`) })],
  ...(hasRedis
    ? ([['redis', () => redisStore({ url: redis?.url ?? '', prefix: `store-${opened++}:` })]] as const)
    : []),
]

describe.each(places)('on %s', (_, open) => {
  it('bases and tails together have every event once, at each step of a publication', { timeout: 60_000 }, async () => {
    const runs = fc.sample(fc.array(step, { minLength: 12, maxLength: 20 }), { numRuns: 3 })
    for (const run of runs) {
      await using store = await open()
      const events: EventStore | undefined = store.events
      if (events === undefined) throw new Error('the store takes no events')
      const all: Payment[] = []
      let now = START
      for (const one of run) {
        now += 37n * SECOND
        if (one === 'publish') {
          const position = await events.checkpoint('payments')
          for await (const _step of publish(store, all.slice(0, Number(position)), { position, now }))
            await expectRows(store, all, now)
        } else if (one === 'fold') {
          for (const layout of layouts) {
            const newest = await events.newestTime('payments')
            const border = closing(layout.view, [newest], now)
            await events.fold(layout.view.name, 1, foldTails(layout, border))
          }
        } else {
          const came = one.map(({ account: of, ago, amount }): Payment => ({
            account: of,
            at: now - BigInt(ago) * SECOND,
            arrived: now,
            amount,
          }))
          const batch = came.map((payment, index) => arrivedEvent(payment, all.length + index))
          await events.append('payments', batch)
          all.push(...came)
          await events.append('payments', batch.slice(0, 1))
        }
        await expectRows(store, all, now)
      }
      await expectRows(store, all, now + 30n * MINUTE)
    }
  })
})
