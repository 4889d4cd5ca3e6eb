import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import {
  decimal,
  entity,
  featureService,
  featureView,
  openLmdbStore,
  openMemoryStore,
  precomputed,
  publishRows,
  type OnlineStore,
} from '@martlet/feature-store'
import fc from 'fast-check'
import { expect, onTestFinished, test, vi } from 'vitest'
import { z } from 'zod'
import { listen, serving, type ServingApp } from '../../src/index.ts'
import { temporaryFolder } from '../support/backing.ts'
import { batch, once, type Cell } from '../support/batch.ts'
import { now as energyNow, usageOnly } from '../support/energy.ts'
import { postInOnePiece } from '../support/one-piece.ts'
import { post, serveEnergy } from '../support/serve.ts'

const day = 86_400_000_000n
const start = 20_463n * day
const customer = entity('customer', { customer_id: z.string() })
const tariff = entity('tariff', { tariff: z.string() })
const numbers = precomputed('mart.numbers', {
  columns: { customer_id: z.string(), at: z.date(), x: z.number(), n: z.int().nullable(), money: decimal(30, 4) },
  entity: customer,
  time: 'at',
})
const texts = precomputed('mart.texts', {
  columns: { customer_id: z.string(), at: z.date(), tariff: z.string().nullable(), seen: z.date().nullable() },
  entity: customer,
  time: 'at',
})
const offers = precomputed('mart.offers', {
  columns: { tariff: z.string(), at: z.date(), price: z.number() },
  entity: tariff,
  time: 'at',
})
const numbersView = featureView('numbers', {
  of: customer,
  from: numbers,
  every: '1d',
  ttl: '3d',
  features: (f) => ({ x: f.column('x'), n: f.column('n'), money: f.column('money') }),
})
const textsView = featureView('texts', {
  of: customer,
  from: texts,
  every: '1d',
  ttl: '2d',
  features: (f) => ({ tariff: f.column('tariff'), seen: f.column('seen') }),
})
const prices = featureView('prices', {
  of: tariff,
  from: offers,
  every: '1d',
  features: (f) => ({ price: f.column('price') }),
})

/** Definitions that one service may have, and some features of each. */
const definitions = [
  featureService('all', [numbersView, textsView, prices.via(textsView, 'tariff')]),
  featureService('all', [numbersView.default({ x: 9 }), textsView]),
  featureService('all', [textsView.pick('tariff'), numbersView]),
].map(({ plan }) => plan)
const subsets = [undefined, ['numbers__n'], ['texts__tariff', 'numbers__money']]

const ids = ['a', 'b', 'c', 'ü"\\', '']
const tariffs = ['flat', 'night', 'ü', null]
type Row = Readonly<Record<string, Cell>>

function publish(store: OnlineStore, view: string, id: string, time: bigint, row: Row): Promise<unknown> {
  const key = view === 'prices' ? 'tariff' : 'customer_id'
  const common = { [key]: ['text', [id]] as const, feature_time: ['timestamp', [time]] as const }
  const cells = (name: string): readonly Cell[] => [row[name] ?? null]
  if (view === 'prices')
    return publishRows(store, prices.plan, once(batch({ ...common, price: ['double', cells('x')] })))
  if (view === 'texts')
    return publishRows(
      store,
      textsView.plan,
      once(batch({ ...common, tariff: ['text', cells('tariff')], seen: ['timestamp', cells('seen')] })),
    )
  return publishRows(
    store,
    numbersView.plan,
    once(
      batch({
        ...common,
        x: ['double', cells('x')],
        n: ['bigint', cells('n')],
        money: [{ decimal: [30, 4] }, cells('money')],
      }),
    ),
  )
}

const view = fc.constantFrom('numbers', 'texts', 'prices')
const command = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('read' as const),
      ids: fc.oneof(
        fc.array(fc.constantFrom(...ids), { minLength: 1, maxLength: 8 }),
        fc.constantFrom(...ids).map((id) => [id]),
      ),
      some: fc.nat(2),
      indent: fc.nat(1),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('write' as const),
      view,
      id: fc.nat(4),
      ageDays: fc.integer({ min: -1, max: 4 }),
      x: fc.oneof(fc.double(), fc.constantFrom(1.5, Number.NaN, null)),
      n: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
      money: fc.option(fc.bigInt({ min: -(10n ** 29n), max: 10n ** 29n })),
      tariff: fc.constantFrom(...tariffs),
      seen: fc.option(fc.bigInt({ min: -(2n ** 60n), max: 2n ** 60n })),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), view, which: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), hours: fc.integer({ min: -2, max: 40 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('define' as const), as: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const), view }) },
)

type Command = typeof command extends fc.Arbitrary<infer T> ? T : never

/** Only what both must count alike. */
function counted(page: string): readonly string[] {
  return page.split('\n').filter((line) => /^martlet_feature_(?:rows|status|age)/.test(line))
}

async function compare(
  store: OnlineStore,
  commands: readonly Command[],
  answerBytes: number,
  connected: boolean,
): Promise<Record<string, number>> {
  let [now, revision, plan] = [start, 0, definitions[0]]
  const catalog = {
    revision: async () => String(revision),
    definitions: async () => ({ views: [], services: plan === undefined ? [] : [plan] }),
  }
  const open = (bytes: number): ServingApp =>
    serving({ catalog, online: store, auth: 'none', now: () => now, limits: { answerBytes: bytes } })
  await using kept = open(answerBytes)
  await using plain = open(0)
  // Requests of a connection whose body comes with its head have a way of their own.
  await using server = connected ? await listen(kept, { port: 0, signals: false }) : undefined
  const ask = async (body: string): Promise<string> =>
    server === undefined
      ? (await post(kept, '/v1/features/all', body)).text()
      : postInOnePiece(`${server.url}/v1/features/all`, body)
  for (const one of commands) {
    if (one.do === 'write')
      await publish(
        store,
        one.view,
        one.view === 'prices' ? (tariffs[one.id % 3] ?? '') : (ids[one.id] ?? ''),
        now - (now % day) - BigInt(one.ageDays) * day,
        one,
      )
    else if (one.do === 'wait') now += BigInt(one.hours) * 3_600_000_000n
    else if (one.do === 'clear') await store.clear(one.view)
    else if (one.do === 'remove')
      for await (const keys of store.keys(one.view)) await store.remove(one.view, keys.slice(one.which, one.which + 1))
    else if (one.do === 'define') {
      revision++
      plan = definitions[one.as]
      await Promise.all([kept.refresh(), plain.refresh()])
    } else {
      const features = subsets[one.some]
      const body = { keys: one.ids.map((id) => ({ customer_id: id })), ...(features === undefined ? {} : { features }) }
      const text = JSON.stringify(body, undefined, one.indent)
      const [copied, written] = [await ask(text), await post(plain, '/v1/features/all', text)]
      expect(written.status).toBe(200)
      expect(copied).toBe(await written.text())
    }
  }
  const [ofKept, ofPlain] = [await kept.request('/metrics'), await plain.request('/metrics')]
  const page = await ofKept.text()
  expect(counted(page)).toEqual(counted(await ofPlain.text()))
  return Object.fromEntries(
    [...page.matchAll(/^martlet_feature_kept_rows_total\{.*result="(\w+)"\} (\d+)/gm)].map(([, result = '', count]) => [
      result,
      Number(count),
    ]),
  )
}

const runs = Number(process.env['MARTLET_RUNS'] ?? 1)

test.each([
  ['memory', async () => openMemoryStore(), 60, false],
  ['memory, over connections', async () => openMemoryStore(), 15, true],
  ['lmdb', async () => openLmdbStore({ path: join(await temporaryFolder(), 'online') }), 12, true],
] as const)(
  '%s: a kept row is what would be written now, whatever has changed',
  async (_, open, numRuns, connected) => {
    const sums: Record<string, number> = {}
    await fc.assert(
      fc.asyncProperty(
        fc.array(command, { minLength: 30, maxLength: 80 }),
        fc.constantFrom(6000, 1 << 20),
        async (commands, bytes) => {
          await using store = await open()
          for (const [result, count] of Object.entries(await compare(store, commands, bytes, connected)))
            sums[result] = (sums[result] ?? 0) + count
        },
      ),
      { numRuns: Math.max(3, Math.round(numRuns * runs)) },
    )
    // All of the ways have been gone.
    expect(sums).toMatchObject({ hit: expect.any(Number), miss: expect.any(Number), stale: expect.any(Number) })
  },
)

test('a store without stamps is read every time, and the metrics say so', async () => {
  const { stamps: _, ...online } = openMemoryStore()
  await publish(online, 'numbers', 'a', start, { x: 1, n: 2n, money: 3n })
  await using app = serving({
    catalog: { revision: async () => '1', definitions: async () => ({ views: [], services: definitions.slice(0, 1) }) },
    online,
    auth: 'none',
    now: () => start,
  })
  for (let time = 0; time < 2; time++) await post(app, '/v1/features/all', { keys: [{ customer_id: 'a' }] })
  expect(await (await app.request('/metrics')).text()).toContain(
    'martlet_feature_kept_rows_total{service="all",result="unkept"} 2',
  )
})

test(
  'a row that another process has made durable is never answered as it was before',
  { timeout: 60_000 },
  async () => {
    const path = join(await temporaryFolder(), 'online')
    const writer = spawn(
      process.execPath,
      ['--conditions=@martlet/source', join(import.meta.dirname, '../support/usage-writer.ts'), path],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    )
    onTestFinished(() => void writer.kill())
    const durable = createInterface({ input: writer.stdout })[Symbol.asyncIterator]()
    await using online = openLmdbStore({ path })
    const app = serving({
      catalog: { revision: async () => '1', definitions: async () => ({ views: [], services: [usageOnly.plan] }) },
      online,
      auth: 'none',
      now: () => energyNow,
    })
    await using server = await listen(app, { port: 0, signals: false })
    for (let round = 0; round < 50; round++) {
      writer.stdin.write(`${round}\n`)
      expect((await durable.next()).value).toBe(String(round))
      const text = await postInOnePiece(`${server.url}/v1/features/usage_only`, '{"keys":[{"customer_id":"a"}]}')
      expect(text).toContain(`"customer_usage__kwh_1d":${round},`)
    }
  },
)

test('a row that is kept is answered over a connection without parsing what was sent', async () => {
  await using server = await listen(await serveEnergy(), { port: 0, signals: false })
  const sent = '{"keys":[{"customer_id":"a"}]}'
  const parse = vi.spyOn(JSON, 'parse')
  onTestFinished(() => parse.mockRestore())
  const ask = async (): Promise<number> => {
    parse.mockClear()
    await postInOnePiece(`${server.url}/v1/features/usage_only`, sent)
    return parse.mock.calls.filter(([text]) => text === sent).length
  }
  expect(await ask()).toBe(1)
  for (let round = 0; round < 20; round++) expect(await ask()).toBe(0)
})
