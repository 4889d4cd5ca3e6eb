import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { OnlineStore } from '../../src/online/online-store.ts'
import { redisStore } from '../../src/redis.ts'
import { KEYS, roundKey, roundTime, roundValue } from './lmdb-rounds.ts'
import { hasRedis, startRedis, type RedisProcess } from './redis-process.ts'

const runs = Math.max(1, Math.round(Number(process.env['MARTLET_RUNS'])))
const keys = Array.from({ length: KEYS }, (_, index) => roundKey(index))

function startWriter(
  url: string,
  seed: number,
  from: number,
  to: number,
): { child: ChildProcessByStdio<null, Readable, null>; lines: AsyncIterableIterator<string> } {
  const child = spawn(
    process.execPath,
    [
      '--conditions=@martlet/source',
      join(import.meta.dirname, 'redis-writer.ts'),
      url,
      String(seed),
      String(from),
      String(to),
    ],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() }
}

const times = async (store: OnlineStore, seeds: number): Promise<(bigint | undefined)[]> => {
  const [rows = []] = await store.read([{ table: 'usage', keys }])
  return rows.map((row) => {
    if (row === undefined) return undefined
    // the seed is the last digit of the time: every row must be one whole row of one writer
    const seed = Number(row.time % 10n)
    expect(seed).toBeLessThan(seeds)
    expect(Buffer.compare(row.value, roundValue(row.time, seed))).toBe(0)
    return row.time
  })
}
const newest = (seeds: readonly number[], from: number, to: number, index: number): bigint =>
  seeds
    .flatMap((seed) => Array.from({ length: to - from }, (_, round) => roundTime(seed, from + round, index)))
    .reduce((a, b) => (a > b ? a : b))

describe.skipIf(!hasRedis)('a Redis store shared by processes', () => {
  let server: RedisProcess
  beforeEach(async () => {
    server = await startRedis()
  })
  afterEach(() => server.remove())

  it('ends with the newest row of every key when two processes write at once, and never shows half a row or an older one', async () => {
    await using store = await redisStore({ url: server.url })
    const writers = [startWriter(server.url, 0, 0, 60), startWriter(server.url, 1, 0, 60)]
    const done = Promise.all(writers.map(({ child }) => once(child, 'exit')))
    let before = await times(store, 2)
    let looks = 0
    while ((await Promise.race([done, setTimeout(5, 'running')])) === 'running') {
      const now = await times(store, 2)
      expect(now.filter((time, index) => (time ?? -1n) < (before[index] ?? -1n))).toEqual([])
      before = now
      looks++
    }
    expect(await done).toEqual([
      [0, null],
      [0, null],
    ])
    expect(looks).toBeGreaterThan(1)
    expect(await times(store, 2)).toEqual(keys.map((_, index) => newest([0, 1], 0, 60, index)))
    expect(await store.count('usage')).toBe(KEYS)
  })

  it(
    'has all that was acknowledged and no half row after SIGKILL of a writer at any moment',
    async () => {
      const draws = fc.sample(
        fc.record({ after: fc.integer({ min: 0, max: 25 }), wait: fc.integer({ min: 0, max: 30 }) }),
        5 * runs,
      )
      await using store = await redisStore({ url: server.url })
      let best = keys.map((): bigint => -1n)
      for (const [life, { after, wait }] of draws.entries()) {
        const start = life * 10_000
        const { child, lines } = startWriter(server.url, 0, start, start + 10_000)
        const exited = once(child, 'exit')
        let acknowledged = start
        for await (const line of lines) {
          acknowledged = Number(line)
          if (acknowledged >= start + after) break
        }
        await setTimeout(wait)
        child.kill('SIGKILL')
        await exited
        const found = await times(store, 1)
        best = best.map((time, index) => {
          const promised = newest([0], start, acknowledged + 1, index)
          return time > promised ? time : promised
        })
        for (const [index, time] of found.entries()) expect(time).toBeGreaterThanOrEqual(best[index] ?? 0n)
        expect(await store.count('usage')).toBe(KEYS)
      }
    },
    30_000 * runs,
  )

  it('shows a table as it was before or after another process cleared it, never part of it', async () => {
    await using writer = await redisStore({ url: server.url })
    await using reader = await redisStore({ url: server.url })
    const rows = Array.from({ length: 1000 }, (_, index) => ({
      key: Buffer.from(String(index)),
      time: 1n,
      value: Uint8Array.of(1),
    }))
    for (let round = 0; round < 10; round++) {
      await writer.write('usage', rows)
      const clearing = writer.clear('usage').then(() => 'cleared')
      let state: unknown
      do {
        const [found = []] = await reader.read([{ table: 'usage', keys: rows.map(({ key }) => key) }])
        expect([0, rows.length]).toContain(found.filter((row) => row !== undefined).length)
        state = await Promise.race([clearing, setTimeout(0, 'running')])
      } while (state === 'running')
      // A writer that has not seen the clear yet writes into the new generation, not into the one that is gone.
      expect(await reader.write('usage', [{ key: Buffer.from('0'), time: 0n, value: Uint8Array.of(2) }])).toBe(1)
      expect(await writer.count('usage')).toBe(1)
    }
  })
})
