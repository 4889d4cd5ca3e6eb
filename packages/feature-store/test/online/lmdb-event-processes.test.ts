import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EventStore } from '../../src/online/events/event-store.ts'
import { openLmdbStore } from '../../src/online/lmdb/lmdb-store.ts'
import { EVENTS_A_ROUND, KEYS, tailKey } from './event-rounds.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'martlet-events-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

function startWriter(from: number, to: number): ChildProcessByStdio<null, Readable, null> {
  const writer = join(import.meta.dirname, 'lmdb-event-writer.ts')
  const program = ['--conditions=@martlet/source', writer, folder, String(from), String(to)]
  return spawn(process.execPath, program, { stdio: ['ignore', 'pipe', 'inherit'] })
}

/** The ids in the journal; each one is there once, in one tail, and positions have no gaps. */
async function journalIds(events: EventStore): Promise<readonly number[]> {
  const found = await events.read('payments', 0n, 1_000_000)
  expect(found.map(({ position }) => position)).toEqual(found.map((_, index) => BigInt(index + 1)))
  const ids = found.map(({ id }) => Number(Buffer.from(id).toString()))
  expect(new Set(ids).size).toBe(ids.length)
  const keys = Array.from({ length: KEYS }, (_, index) => tailKey(index))
  const [tails = []] = await events.tails([{ table: 'velocity', keys }])
  const inTails = tails.flatMap((parts, key) =>
    parts.map(({ position, value }) => {
      const id = Number(Buffer.from(value).toString())
      expect(id % KEYS).toBe(key)
      return `${position} ${id}`
    }),
  )
  expect(inTails.toSorted()).toEqual(ids.map((id, index) => `${index + 1} ${id}`).toSorted())
  return ids
}

const idsUpTo = (rounds: number): number => ((rounds + 1) * EVENTS_A_ROUND) / 2

describe('events of an LMDB store shared by processes', () => {
  it('are each taken once when two processes append the same ones at once', async () => {
    const writers = [startWriter(0, 40), startWriter(0, 40)]
    for (const writer of writers) writer.stdout.resume()
    const store = openLmdbStore({ path: folder })
    const exits = await Promise.all(writers.map((writer) => once(writer, 'exit')))
    expect(exits).toEqual([
      [0, null],
      [0, null],
    ])
    const { events } = store
    if (events === undefined) throw new Error('no events')
    expect((await journalIds(events)).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: idsUpTo(40) }, (_, index) => index),
    )
    await store.close()
  })

  it('are all there after SIGKILL when they were acknowledged, and whole', async () => {
    const draws = fc.sample(
      fc.record({ after: fc.integer({ min: 0, max: 20 }), wait: fc.integer({ min: 0, max: 15 }) }),
      4,
    )
    let next = 0
    for (const { after, wait } of draws) {
      const writer = startWriter(next, next + 10_000)
      const exited = once(writer, 'exit')
      let acknowledged = next
      for await (const line of createInterface({ input: writer.stdout })) {
        acknowledged = Number(line)
        if (acknowledged >= next + after) break
      }
      await setTimeout(wait)
      writer.kill('SIGKILL')
      await exited
      const store = openLmdbStore({ path: folder })
      const { events } = store
      if (events === undefined) throw new Error('no events')
      const ids = await journalIds(events)
      expect(ids.length).toBeGreaterThanOrEqual(idsUpTo(acknowledged + 1))
      // The offset says of each round whether it is there.
      const rounds = Number((await events.offsets('payments'))['payments/0']) + 1
      expect(rounds).toBeGreaterThan(acknowledged)
      expect(ids.length).toBe(idsUpTo(rounds))
      await store.close()
      next = rounds
    }
  }, 30_000)
})
