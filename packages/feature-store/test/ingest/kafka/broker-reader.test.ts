import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kafka, openLmdbStore, readTopic, source, type EventStore, type KafkaCluster } from '@martlet/feature-store'
import { randomNumbers } from '../../materialize/interrupted.ts'
import { paymentFact } from '../payments.ts'
import { startBroker, type Broker } from './broker/broker.ts'
import { killRounds } from './kill-rounds.ts'
import { onBroker, withoutBroker } from './on-broker.ts'
import { Topics } from './topics.ts'

const seed = Number(process.env['MARTLET_SEED'])
const payment = (id: string, more: object = {}): string =>
  JSON.stringify({ payment_id: id, account_id: 'a1', amount: '12.50', ts: '2026-01-01T00:00:00Z', ...more })

describe.skipIf(withoutBroker !== undefined)(`reading from a real broker${onBroker}`, () => {
  let broker: Broker
  let topics: Topics
  let folder: string
  let store: ReturnType<typeof openLmdbStore>
  let events: EventStore
  beforeAll(async () => {
    broker = await startBroker()
    topics = new Topics(broker.address)
    folder = await mkdtemp(join(tmpdir(), 'martlet-topic-'))
    store = openLmdbStore({ path: folder })
    if (store.events === undefined) throw new Error('LMDB keeps events.')
    events = store.events
  })
  afterAll(async () => {
    await store?.close()
    await topics?.close()
    await broker?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const payments = (name: string, topic: string, deadLetters?: string) =>
    source(name, {
      into: paymentFact,
      id: ['payment_id'],
      arrived: 'arrived_at',
      from: kafka({ topic, ...(deadLetters === undefined ? {} : { deadLetters }) }),
    })
  const cluster = (): KafkaCluster => ({ brokers: [broker.address], sessionMs: 1000 })
  const bodies = async (name: string): Promise<string[]> =>
    (await events.read(name, 0n, 100_000)).map(({ body }) => Buffer.from(body).toString())

  it(`reads each record once while readers are killed, 10 times: seed ${seed}`, async () => {
    const outcome = await killRounds({ broker, rounds: 10, random: randomNumbers(seed) })
    expect(outcome).toMatchObject({ unwritten: 0, readersKilled: 10, missing: [], doubled: [], wrong: [] })
    expect(outcome.records).toBeGreaterThan(100)
  })

  it('keeps events, tombstones and what is not valid, and sends the latter on', async () => {
    const topic = await topics.create(1)
    const dead = await topics.create(1)
    await topics.write(
      topic,
      [
        { partition: 0, key: 'p1', value: payment('p1'), headers: { trace: 't1' } },
        { partition: 0, key: 'p1', value: payment('p1') },
        { partition: 0, key: 'p2', value: '{"payment_id":"p2"', headers: { trace: 't2' } },
        { partition: 0, key: 'p3' },
        { partition: 0, key: 'p4', value: payment('p4', { amount: '-1' }) },
      ],
      'zstd',
    )
    const reader = readTopic(payments('valid', topic, dead), { cluster: cluster(), store: events })
    const stop = new AbortController()
    const running = reader.run(stop.signal)
    await until(async () => (await events.newest('valid')) === 4n)
    stop.abort()
    await running
    const journal = await events.read('valid', 0n, 10)
    expect(journal.map(({ origin }) => origin)).toEqual([0, 2, 3, 4].map((offset) => `${topic}/0@${offset}`))
    expect(journal.map(({ rejected }) => rejected === undefined)).toEqual([true, false, false, false])
    expect(journal[3]?.rejected).toContain('amount')
    expect(reader.reading()).toMatchObject({
      records: 5,
      accepted: 1,
      repeated: 1,
      rejected: 3,
      deadLetters: 3,
      lag: 0n,
    })
    // What the broker knows is where the next reader begins, for tools.
    expect(await topics.committed('martlet-valid', topic)).toEqual([5n])

    const letters = readTopic(payments('letters', dead), { cluster: cluster(), store: events })
    const again = new AbortController()
    const reading = letters.run(again.signal)
    await until(async () => (await events.newest('letters')) === 3n)
    again.abort()
    await reading
    expect(await bodies('letters')).toEqual(['{"payment_id":"p2"', '', payment('p4', { amount: '-1' })])
  })

  it('shares a topic between readers that come and go', async () => {
    const topic = await topics.create(4)
    const definition = payments('shared', topic)
    const start = () => {
      const reader = readTopic(definition, { cluster: cluster(), store: events })
      const stop = new AbortController()
      return { reader, stop, run: reader.run(stop.signal) }
    }
    let written = 0
    const writeSome = async (count: number): Promise<void> => {
      const records = Array.from({ length: count }, () => ({ partition: written % 4, value: payment(`p${written++}`) }))
      await topics.write(topic, records)
    }
    const first = start()
    await writeSome(200)
    const second = start()
    await until(() => first.reader.reading().partitions.length === 2 && second.reader.reading().partitions.length === 2)
    await writeSome(200)
    await until(async () => (await events.newest('shared')) === 400n)
    expect(second.reader.reading().records).toBeGreaterThan(0)
    first.stop.abort()
    await first.run
    await writeSome(200)
    await until(async () => (await events.newest('shared')) === 600n)
    second.stop.abort()
    await second.run
    expect(new Set(await bodies('shared')).size).toBe(600)
    expect(second.reader.reading()).toMatchObject({ repeated: 0, rebalances: expect.any(Number) as number })
  })

  it('goes on when the broker was killed and came back', async () => {
    const topic = await topics.create(2)
    const reader = readTopic(payments('returned', topic), { cluster: cluster(), store: events })
    const stop = new AbortController()
    const running = reader.run(stop.signal)
    await topics.write(topic, [{ partition: 0, value: payment('p1') }])
    await until(async () => (await events.newest('returned')) === 1n)
    await broker.kill()
    await until(() => reader.reading().failures > 0)
    await broker.start()
    await topics.write(topic, [{ partition: 1, value: payment('p2') }])
    await until(async () => (await events.newest('returned')) === 2n)
    stop.abort()
    await running
    expect(reader.reading()).toMatchObject({ accepted: 2, repeated: 0 })
  })

  it.each(['plain', 'scram-sha-256'] as const)(
    'logs in by %s, and says nothing of a login that is refused',
    async (mechanism) => {
      const topic = await topics.create(1)
      await topics.write(topic, [{ partition: 0, value: payment('p1') }])
      const { address, username, password } = broker.login
      const name = `login_${mechanism.replaceAll('-', '_')}`
      const withPassword = (given: string): KafkaCluster => ({
        brokers: [address],
        sasl: { mechanism, username, password: given },
      })
      const wrong = readTopic(payments(name, topic), { cluster: withPassword('not-the-one'), store: events })
      const refused: unknown = await wrong.run(AbortSignal.timeout(30_000)).catch((error: unknown) => error)
      expect(refused).toMatchObject({ code: 'KAFKA_OPEN_FAILED' })
      expect(String(refused)).toContain('Check the mechanism, the user and the password')
      expect(JSON.stringify(refused) + String(refused)).not.toContain('not-the-one')
      const right = readTopic(payments(name, topic), { cluster: withPassword(password), store: events })
      const stop = new AbortController()
      const running = right.run(stop.signal)
      await until(async () => (await events.newest(name)) === 1n)
      stop.abort()
      await running
    },
  )

  it('speaks TLS with brokers that it trusts, and with no others', async () => {
    const topic = await topics.create(1)
    await topics.write(topic, [{ partition: 0, value: payment('p1') }])
    const { address, ca } = broker.tls
    const trusting = readTopic(payments('secure', topic), {
      cluster: { brokers: [address], tls: { ca } },
      store: events,
    })
    await trusting.catchUp(AbortSignal.timeout(60_000))
    expect(await events.newest('secure')).toBe(1n)
    const strange = readTopic(payments('strange', topic), { cluster: { brokers: [address], tls: true }, store: events })
    await expect(strange.run(AbortSignal.timeout(60_000))).rejects.toMatchObject({
      code: 'KAFKA_OPEN_FAILED',
      message: expect.stringMatching(/self.signed/) as string,
    })
  })
})

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 60_000; !(await holds()); await sleep(50))
    if (Date.now() > end) throw new Error('it did not come about within 60 s')
}
