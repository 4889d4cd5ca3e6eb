import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FetchedPartition, LogClient, LogRecord } from '../../../src/ingest/kafka/log-client.ts'
import { openPlatformaticLog } from '../../../src/ingest/kafka/platformatic-log.ts'
import { startBroker, type Broker } from './broker/broker.ts'
import { onBroker, withoutBroker } from './on-broker.ts'
import { Topics } from './topics.ts'

describe.skipIf(withoutBroker !== undefined)(`a member of a group on a real broker${onBroker}`, () => {
  let broker: Broker
  let topics: Topics
  beforeAll(async () => {
    broker = await startBroker()
    topics = new Topics(broker.address)
  })
  afterAll(async () => {
    await topics?.close()
    await broker?.stop()
  })

  const member = async (topic: string): Promise<LogClient> => {
    const log = await openPlatformaticLog({
      topic,
      group: `group-of-${topic}`,
      cluster: { brokers: [broker.address], sessionMs: 1000 },
    })
    await log.join()
    return log
  }

  /** Everything from some offsets on, up to what the topic has now. */
  async function readAll(log: LogClient, from: ReadonlyMap<number, bigint>): Promise<LogRecord[]> {
    const records: LogRecord[] = []
    const next = new Map(from)
    const bounds = await log.bounds()
    while ([...next].some(([partition, offset]) => offset < (bounds.get(partition)?.end ?? 0n)))
      for (const part of await log.fetch(next)) {
        const { next: behind, records: more } = part as FetchedPartition
        if (next.get(part.partition) !== part.from) continue
        records.push(...more)
        next.set(part.partition, behind)
      }
    return records
  }

  it.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)(
    'reads keys, headers and tombstones: %s',
    async (compression) => {
      const topic = await topics.create(1)
      const long = 'x'.repeat(20_000)
      await topics.write(
        topic,
        [
          { partition: 0, key: 'k', value: `{"a":"${long}"}`, headers: { 'content-type': 'json', empty: '' } },
          { partition: 0, key: 'k' },
          { partition: 0, value: 'ü' },
        ],
        compression,
      )
      const log = await member(topic)
      const records = await readAll(log, new Map([[0, 0n]]))
      expect(
        records.map(({ offset, key, value, headers }) => [
          offset,
          text(key),
          text(value),
          headers.map(([name, part]) => [name, text(part)]),
        ]),
      ).toEqual([
        [
          0n,
          'k',
          `{"a":"${long}"}`,
          [
            ['content-type', 'json'],
            ['empty', ''],
          ],
        ],
        [1n, 'k', null, []],
        [2n, null, 'ü', []],
      ])
      // From the middle of a batch.
      expect((await readAll(log, new Map([[0, 2n]]))).map(({ offset }) => offset)).toEqual([2n])
      await log.close()
    },
  )

  it('reads committed transactions only, however answers cut them', async () => {
    const topic = await topics.create(1)
    // More than an answer holds, so that the marker of the abort comes in a later one than the records.
    const large = (name: string) =>
      Array.from({ length: 4 }, (_, part) => [{ partition: 0, value: `${name}${part}${'x'.repeat(900_000)}` }])
    await topics.transact(topic, large('aborted'), 'abort')
    await topics.transact(topic, [[{ partition: 0, value: 'committed' }]], 'commit')
    await topics.transact(topic, large('again'), 'abort')
    await topics.write(topic, [{ partition: 0, value: 'plain' }])
    const log = await member(topic)
    const records = await readAll(log, new Map([[0, 0n]]))
    expect(records.map(({ value }) => text(value)?.slice(0, 20))).toEqual(['committed', 'plain'])
    await log.close()
  })

  it('shares partitions out anew when a member comes, when it goes, and when the topic grows', async () => {
    const topic = await topics.create(4)
    const first = await member(topic)
    expect(first.assignment().partitions).toEqual([0, 1, 2, 3])
    const second = await member(topic)
    await until(() => first.assignment().partitions.length === 2)
    expect([...first.assignment().partitions, ...second.assignment().partitions].toSorted()).toEqual([0, 1, 2, 3])
    await second.close()
    await until(() => first.assignment().partitions.length === 4)
    await topics.grow(topic, 6)
    await until(async () => {
      await first.fetch(new Map([[0, 0n]]))
      return first.assignment().partitions.length === 6
    })
    await first.close()
  })

  it('says that an offset is not there, and commits what tools show', async () => {
    const topic = await topics.create(1)
    await topics.write(topic, [{ partition: 0, value: 'a' }])
    const log = await member(topic)
    expect(await log.fetch(new Map([[0, 9n]]))).toEqual([{ partition: 0, from: 9n, outOfRange: true }])
    expect(await log.bounds()).toEqual(new Map([[0, { first: 0n, end: 1n }]]))
    await log.commit(new Map([[0, 1n]]))
    expect(await topics.committed(`group-of-${topic}`, topic)).toEqual([1n])
    await log.close()
  })

  it('names the topic that is not there', async () => {
    await expect(member('nobody.made.this')).rejects.toMatchObject({
      code: 'KAFKA_TOPIC_MISSING',
      data: { topic: 'nobody.made.this' },
    })
  })
})

function text(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString()
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 30_000; !(await holds()); await sleep(50))
    if (Date.now() > end) throw new Error('it did not come about within 30 s')
}
