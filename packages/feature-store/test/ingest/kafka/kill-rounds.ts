import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { openPlatformaticLog } from '../../../src/ingest/kafka/platformatic-log.ts'
import { openLmdbStore } from '../../../src/online/lmdb/lmdb-store.ts'
import type { Broker } from './broker/broker.ts'
import { Topics } from './topics.ts'

export interface KillRounds {
  readonly broker: Broker
  /** How often a reader is killed. */
  readonly rounds: number
  /** Every so many rounds the broker is killed too, and started again. */
  readonly brokerEvery?: number
  readonly random: () => number
  readonly onRound?: (round: number) => void
}

export interface KillOutcome {
  /** Records of the topic. */
  readonly records: number
  /** Records that the broker acknowledged and the topic does not have. */
  readonly unwritten: number
  readonly readersKilled: number
  readonly brokersKilled: number
  /** Records of the topic that the journal does not have, and those that it has more than once. */
  readonly missing: readonly string[]
  readonly doubled: readonly string[]
  /** Events of the journal whose bytes are not those of their record, or whose positions have a gap. */
  readonly wrong: readonly string[]
}

const PARTITIONS = 3

/**
 * Kills readers of a topic at random moments while it is written, two of them at a time in every other round, and then compares
 * the journal with the topic, record by record.
 */
export async function killRounds({ broker, rounds, brokerEvery, random, onRound }: KillRounds): Promise<KillOutcome> {
  const folder = await mkdtemp(join(tmpdir(), 'martlet-kills-'))
  const topics = new Topics(broker.address)
  const readers: ChildProcess[] = []
  try {
    const topic = await topics.create(PARTITIONS)
    const writing = new AbortController()
    const written = write(topics, topic, random, writing.signal)
    let readersKilled = 0
    let brokersKilled = 0
    for (let round = 1; round <= rounds; round++) {
      while (readers.length < 1 + (round % 2)) readers.push(startReader(broker.address, topic, folder))
      await Promise.race([...readers.map((reader) => said(reader, 'reading')), sleep(5000)])
      await sleep(random() * 500)
      const [victim] = readers.splice(Math.floor(random() * readers.length), 1)
      victim?.kill('SIGKILL')
      readersKilled++
      if (brokerEvery !== undefined && round % brokerEvery === 0) {
        await broker.kill()
        await sleep(random() * 300)
        await broker.start()
        brokersKilled++
      }
      onRound?.(round)
    }
    writing.abort()
    const acknowledged = await written
    while (readers.length === 0) readers.push(startReader(broker.address, topic, folder))
    const compared = await compare(broker.address, topic, folder, acknowledged)
    return { ...compared, readersKilled, brokersKilled }
  } finally {
    for (const reader of readers) reader.kill('SIGKILL')
    await topics.close()
    await rm(folder, { recursive: true, force: true })
  }
}

function startReader(address: string, topic: string, folder: string): ChildProcess {
  const program = ['--conditions=@martlet/source', join(import.meta.dirname, 'reading-process.ts')]
  return spawn(process.execPath, [...program, address, topic, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
}

async function said(reader: ChildProcess, word: string): Promise<void> {
  for (let text = ''; !text.includes(word);) {
    const [part] = (await once(reader.stdout ?? reader, 'data')) as [Buffer]
    text += part.toString()
  }
}

/** Writes numbered records until told to stop, and returns those that the broker acknowledged. */
async function write(
  topics: Topics,
  topic: string,
  random: () => number,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const acknowledged = new Set<string>()
  for (let next = 0; !signal.aborted;) {
    const values = Array.from({ length: 1 + Math.floor(random() * 40) }, () => String(next++))
    const records = values.map((value) => ({ partition: Number(value) % PARTITIONS, value }))
    try {
      await topics.write(topic, records)
      for (const value of values) acknowledged.add(value)
    } catch {
      // The broker is away: nobody was promised anything, and it may have the records or not.
      await sleep(100)
    }
    await sleep(random() * 10)
  }
  return acknowledged
}

async function compare(
  address: string,
  topic: string,
  folder: string,
  acknowledged: ReadonlySet<string>,
): Promise<Omit<KillOutcome, 'readersKilled' | 'brokersKilled'>> {
  const expected = await recordsOf(address, topic)
  const store = openLmdbStore({ path: folder })
  const { events } = store
  if (events === undefined) throw new Error('LMDB keeps events.')
  try {
    for (const end = Date.now() + 60_000; (await events.newest('s')) < BigInt(expected.size); await sleep(50))
      if (Date.now() > end) break
    // What is doubled would come now.
    await sleep(500)
    const journal = await events.read('s', 0n, 10_000_000)
    const seen = new Map<string, number>()
    const wrong: string[] = []
    for (const [index, { origin, body, position }] of journal.entries()) {
      seen.set(origin, (seen.get(origin) ?? 0) + 1)
      if (expected.get(origin) !== Buffer.from(body).toString() || position !== BigInt(index + 1)) wrong.push(origin)
    }
    const values = new Set(expected.values())
    return {
      records: expected.size,
      unwritten: [...acknowledged].filter((value) => !values.has(value)).length,
      missing: [...expected.keys()].filter((origin) => !seen.has(origin)),
      doubled: [...seen].flatMap(([origin, times]) => (times > 1 ? [origin] : [])),
      wrong,
    }
  } finally {
    await store.close()
  }
}

/** The records of a topic by partition and offset, read by a group of its own. */
async function recordsOf(address: string, topic: string): Promise<ReadonlyMap<string, string>> {
  const cluster = { brokers: [address], sessionMs: 1000 }
  const log = await openPlatformaticLog({ topic, group: `check-of-${topic}`, cluster })
  await log.join()
  const records = new Map<string, string>()
  const bounds = await log.bounds()
  const next = new Map([...bounds].map(([partition, { first }]) => [partition, first]))
  while ([...next].some(([partition, offset]) => offset < (bounds.get(partition)?.end ?? 0n)))
    for (const part of await log.fetch(next)) {
      if (!('next' in part) || next.get(part.partition) !== part.from) continue
      for (const { partition, offset, value } of part.records)
        records.set(`${partition}@${offset}`, Buffer.from(value ?? '').toString())
      next.set(part.partition, part.next)
    }
  await log.close()
  return records
}
