import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memoryEvents } from '../../../src/online/memory/memory-events.ts'
import type { ArrivedEvent, EventStore } from '../../../src/online/events/event-store.ts'
import { kafka, type KafkaTopic } from '../../../src/ingest/kafka/kafka-origin.ts'
import type { LogClient, LogRecord } from '../../../src/ingest/kafka/log-client.ts'
import { TopicReader, type TopicReaderOptions } from '../../../src/ingest/kafka/topic-reader.ts'
import { MemoryLog, type MemoryMember } from './memory-log.ts'

const bytes = (text: string): Buffer => Buffer.from(text)
const text = (part: Uint8Array | null): string => Buffer.from(part ?? '').toString()

/** Each event gets an id that no other has, so that only offsets keep records from being taken twice. */
const anonymous = (records: readonly LogRecord[], arrived: bigint): readonly ArrivedEvent[] =>
  records.map(({ partition, offset, value }) => ({
    id: bytes(randomUUID()),
    body: value ?? bytes(''),
    arrived,
    origin: `t/${partition}@${offset}`,
    tails: [],
    ...(text(value).startsWith('bad') ? { rejected: 'it is bad' } : {}),
  }))

function reader(
  log: MemoryLog,
  store: EventStore,
  topic: Partial<KafkaTopic> = {},
  more: Partial<TopicReaderOptions> = {},
): TopicReader {
  const origin = kafka({ topic: 't', ...topic })
  return new TopicReader({ source: 's', origin, store, open: log.open, events: anonymous, ...more })
}

/** Runs readers until something holds, and then stops them. */
async function readUntil(readers: readonly TopicReader[], holds: () => boolean | Promise<boolean>): Promise<void> {
  const stop = new AbortController()
  const running = readers.map((each) => each.run(stop.signal))
  const failed = Promise.race(running.map((run) => run.then(() => new Promise<never>(() => undefined))))
  try {
    await Promise.race([until(holds), failed])
  } finally {
    stop.abort()
    await Promise.allSettled(running)
  }
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 10_000; !(await holds()); await sleep(2))
    if (Date.now() > end) throw new Error('it did not come about within 10 s')
}

async function bodies(store: EventStore): Promise<string[]> {
  return (await store.read('s', 0n, 1_000_000)).map(({ body }) => text(body))
}

const numbered = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => ({ value: bytes(String(from + index)) }))
const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, index) => String(from + index))
const has = (store: EventStore, count: number) => async () => (await store.newest('s')) >= BigInt(count)

describe('a reader of a topic', () => {
  it('goes on where it was, because offsets are stored with the events', async () => {
    const log = new MemoryLog(2, 7)
    const store = memoryEvents(() => false)
    log.write(0, ...numbered(50))
    log.write(1, ...numbered(30, 50))
    const first = reader(log, store)
    await readUntil([first], has(store, 80))
    expect((await bodies(store)).toSorted()).toEqual(numbers(80).toSorted())
    expect(await store.offsets('s')).toEqual({ 't/0': 50n, 't/1': 30n })
    expect(first.reading()).toMatchObject({ state: 'stopped', records: 80, accepted: 80, lag: 0n, rebalances: 1 })
    // What the broker was told is only a hint: nobody reads it.
    expect(log.committed).toEqual(
      new Map([
        [0, 50n],
        [1, 30n],
      ]),
    )
    log.committed.clear()
    log.write(0, ...numbered(3, 80))
    await readUntil([reader(log, store)], has(store, 83))
    expect(await bodies(store)).toHaveLength(83)
  })

  it('takes a record once when a member has not heard of a re-balance', async () => {
    const log = new MemoryLog(2, 3)
    const store = memoryEvents(() => false)
    const members: MemoryMember[] = []
    const open = async (): Promise<LogClient> => {
      const member = await log.open()
      members.push(member)
      return member
    }
    log.write(0, ...numbered(5))
    const zombie = reader(log, store, {}, { open })
    const heir = reader(log, store)
    const stop = new AbortController()
    const running = [zombie.run(stop.signal)]
    await until(has(store, 5))
    // From here on the first reads both partitions, and the second reads one of them too.
    for (const member of members) member.deaf = true
    running.push(heir.run(stop.signal))
    await until(() => heir.reading().partitions.length > 0)
    for (let written = 0; written < 400; written += 4) {
      log.write(1, ...numbered(4, 1000 + written))
      await sleep(1)
    }
    await until(has(store, 405))
    stop.abort()
    await Promise.all(running)
    expect((await bodies(store)).toSorted()).toEqual([...numbers(5), ...numbers(400, 1000)].toSorted())
    expect(zombie.reading().fenced + heir.reading().fenced).toBeGreaterThan(0)
  })

  it('takes each record once, whatever fails: 60 histories', async () => {
    const step = fc.constantFrom('write', 'fail before', 'fail after', 'down', 'up', 'another member', 'restart')
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
        const log = new MemoryLog(3, 4)
        const store = memoryEvents(() => false)
        let failBefore = 0
        let failAfter = 0
        const shaky: EventStore = {
          ...store,
          async append(...args) {
            if (failBefore > 0 && failBefore--) throw new Error('the disk is full')
            const appended = await store.append(...args)
            if (failAfter > 0 && failAfter--) throw new Error('the answer was lost')
            return appended
          },
        }
        const running: { readonly stop: AbortController; readonly run: Promise<void> }[] = []
        const start = (): void => {
          const stop = new AbortController()
          running.push({ stop, run: reader(log, shaky, {}, { firstDelayMs: 1 }).run(stop.signal) })
        }
        start()
        let written = 0
        for (const what of steps) {
          if (what === 'write')
            for (let index = 0; index < 10; index++) log.write(written % 3, ...numbered(1, written++))
          else if (what === 'fail before') failBefore++
          else if (what === 'fail after') failAfter++
          else if (what === 'another member' && running.length < 4 && !log.down) start()
          else if (what === 'restart' && !log.down) {
            running[0]?.stop.abort()
            await running.shift()?.run
            start()
          }
          // A first connection decides, so the log is away only once all have theirs.
          if (what === 'down' && running.length > 0) await sleep(5)
          if (what === 'down') log.down = true
          if (what === 'up') log.down = false
          await sleep(1)
        }
        log.down = false
        await until(has(store, written))
        for (const { stop } of running) stop.abort()
        await Promise.all(running.map(({ run }) => run))
        expect((await bodies(store)).toSorted()).toEqual(numbers(written).toSorted())
      }),
      { numRuns: 60 },
    )
  }, 60_000)

  it('keeps what is not valid, and sends it to the dead-letter topic with the reason', async () => {
    const log = new MemoryLog(1)
    const store = memoryEvents(() => false)
    log.write(
      0,
      { value: bytes('good') },
      { key: bytes('k'), value: bytes('bad 1'), headers: [['h', bytes('x')]] },
      { value: bytes('bad 1') },
    )
    const one = reader(log, store, { deadLetters: 'dead' })
    await readUntil([one], has(store, 3))
    expect((await store.read('s', 0n, 9)).map(({ rejected }) => rejected)).toEqual([
      undefined,
      'it is bad',
      'it is bad',
    ])
    expect(one.reading()).toMatchObject({ records: 3, accepted: 1, rejected: 2, deadLetters: 2 })
    const [letter] = log.sent.get('dead') ?? []
    expect([text(letter?.key ?? null), text(letter?.value ?? null)]).toEqual(['k', 'bad 1'])
    expect(letter?.headers.map(([name, value]) => [name, text(value)])).toEqual([
      ['h', 'x'],
      ['martlet.source', 's'],
      ['martlet.origin', 't/0'],
      ['martlet.offset', '1'],
      ['martlet.reason', 'it is bad'],
    ])
  })

  it('starts with what comes from now on when it is told to, once and for all members', async () => {
    const log = new MemoryLog(2)
    const store = memoryEvents(() => false)
    log.write(0, ...numbered(5))
    log.write(1, ...numbered(5))
    await readUntil([reader(log, store, { start: 'latest' })], async () => 't/1' in (await store.offsets('s')))
    log.write(0, { value: bytes('new 0') })
    log.addPartition()
    log.write(2, { value: bytes('new 2') })
    // It was away, and another member has come; the new partition is read from its start.
    const [one, two] = [reader(log, store, { start: 'latest' }), reader(log, store, { start: 'latest' })]
    await readUntil([one, two], has(store, 2))
    expect((await bodies(store)).toSorted()).toEqual(['new 0', 'new 2'])
  })

  it('counts what the topic dropped before it was read', async () => {
    const log = new MemoryLog(1)
    const store = memoryEvents(() => false)
    log.write(0, ...numbered(10))
    await readUntil([reader(log, store)], has(store, 10))
    log.write(0, ...numbered(10, 10))
    log.dropBefore(0, 15n)
    const late = reader(log, store)
    await readUntil([late], has(store, 15))
    expect((await bodies(store)).slice(10)).toEqual(numbers(5, 15))
    expect(late.reading().lost).toBe(5n)
  })

  it('stops at a topic that was created again, unless it is told to read it from its start', async () => {
    const log = new MemoryLog(1)
    const store = memoryEvents(() => false)
    log.write(0, ...numbered(10))
    await readUntil([reader(log, store)], has(store, 10))
    log.recreate()
    log.write(0, ...numbered(2, 10))
    await expect(reader(log, store).run(AbortSignal.timeout(5000))).rejects.toMatchObject({
      code: 'KAFKA_TOPIC_RECREATED',
      data: { source: 's', topic: 't', partition: 0, read: 10n, end: 2n },
    })
    const again = reader(log, store, { recreated: 'earliest' })
    await readUntil([again], has(store, 12))
    expect(await store.offsets('s')).toEqual({ 't/0': 2n })
  })

  it('pauses while the warehouse is far behind, and goes on when it has caught up', async () => {
    const log = new MemoryLog(1, 10)
    const store = memoryEvents(() => false)
    log.write(0, ...numbered(100))
    const states: string[] = []
    const one = reader(log, store, {}, { mostWaiting: 25, report: ({ state }) => states.push(state) })
    await readUntil([one], async () => {
      if (one.reading().state === 'paused') {
        // A fetch that began before the limit was reached may still be appended.
        expect((await store.read('s', 0n, 100)).length).toBeLessThan(35)
        await store.trim('s', await store.newest('s'))
      }
      return has(store, 100)()
    })
    expect(states.filter((state) => state === 'paused').length).toBeGreaterThan(1)
    expect(one.reading().accepted).toBe(100)
  })

  it('ends with what the topic had when it is only to catch up', async () => {
    const log = new MemoryLog(2, 7)
    const store = memoryEvents(() => false)
    log.write(0, ...numbered(40))
    const one = reader(log, store)
    await one.catchUp(AbortSignal.timeout(5000))
    expect(one.reading()).toMatchObject({ state: 'stopped', accepted: 40, lag: 0n })
    await reader(log, store).catchUp(AbortSignal.timeout(5000))
    expect(await bodies(store)).toEqual(numbers(40))
  })

  it('tries again when brokers are away, and says why', async () => {
    const log = new MemoryLog(1)
    const store = memoryEvents(() => false)
    log.write(0, ...numbered(3))
    const one = reader(log, store)
    let wasDown = false
    await readUntil([one], async () => {
      if (!wasDown && (await has(store, 3)())) [log.down, wasDown] = [true, true]
      if (log.down && one.reading().failures > 1) {
        expect(one.reading().lastFailure).toBe('the brokers cannot be reached')
        log.down = false
        log.write(0, ...numbered(2, 3))
      }
      return has(store, 5)()
    })
    expect(await bodies(store)).toEqual(numbers(5))
  })

  it('fails when the first connection does', async () => {
    const log = new MemoryLog(1)
    log.down = true
    await expect(
      reader(
        log,
        memoryEvents(() => false),
      ).run(AbortSignal.timeout(5000)),
    ).rejects.toThrow('cannot be reached')
  })

  it('replaces a member that has lost its group', async () => {
    const log = new MemoryLog(1)
    const store = memoryEvents(() => false)
    let opened = 0
    const open = async (): Promise<LogClient> => {
      const member = await log.open()
      if (opened++ === 0) member.assignment = () => ({ partitions: [], lost: 'the group does not answer' })
      return member
    }
    log.write(0, ...numbered(2))
    const one = reader(log, store, {}, { open })
    await readUntil([one], has(store, 2))
    expect(opened).toBe(2)
    expect(one.reading()).toMatchObject({ failures: 1, lastFailure: 'the group does not answer' })
  })
})
