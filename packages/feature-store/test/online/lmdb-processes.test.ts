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
import { openLmdbStore } from '../../src/online/lmdb/lmdb-store.ts'
import type { OnlineStore } from '../../src/online/online-store.ts'
import { KEYS, roundKey, roundTime, roundValue } from './lmdb-rounds.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'martlet-online-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

function startWriter(
  path: string,
  seed: number,
  from: number,
  to: number,
): { child: ChildProcessByStdio<null, Readable, null>; lines: AsyncIterableIterator<string> } {
  const child = spawn(
    process.execPath,
    [
      '--conditions=@martlet/source',
      join(import.meta.dirname, 'lmdb-writer.ts'),
      path,
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

const runs = Math.max(1, Math.round(Number(process.env['MARTLET_RUNS'])))
const keys = Array.from({ length: KEYS }, (_, index) => roundKey(index))
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

describe('an LMDB store shared by processes', () => {
  it('ends with the newest row of every key when two processes write at once, and never shows half a row or an older one', async () => {
    const path = join(folder, 'online')
    const store = openLmdbStore({ path })
    const writers = [startWriter(path, 0, 0, 60), startWriter(path, 1, 0, 60)]
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
    expect(store.count('usage')).toBe(KEYS)
    await store.close()
  })

  it('sees a table that another process makes later', async () => {
    const path = join(folder, 'online')
    const store = openLmdbStore({ path })
    expect((await times(store, 1))[0]).toBe(undefined)
    const { child } = startWriter(path, 0, 0, 1)
    await once(child, 'exit')
    expect(await times(store, 1)).toEqual(keys.map((_, index) => roundTime(0, 0, index)))
    await store.close()
  })

  it(
    'loses nothing that was durable and shows no half row after SIGKILL at any moment',
    async () => {
      const draws = fc.sample(
        fc.record({ after: fc.integer({ min: 0, max: 25 }), wait: fc.integer({ min: 0, max: 30 }) }),
        8 * runs,
      )
      const path = join(folder, 'online')
      let best = keys.map((): bigint => -1n)
      for (const [life, { after, wait }] of draws.entries()) {
        const start = life * 10_000
        const { child, lines } = startWriter(path, 0, start, start + 10_000)
        const exited = once(child, 'exit')
        let acknowledged = start
        for await (const line of lines) {
          acknowledged = Number(line)
          if (acknowledged >= start + after) break
        }
        await setTimeout(wait)
        child.kill('SIGKILL')
        await exited
        const store = openLmdbStore({ path })
        const found = await times(store, 1)
        best = best.map((time, index) => {
          const promised = newest([0], start, acknowledged + 1, index)
          return time > promised ? time : promised
        })
        for (const [index, time] of found.entries()) expect(time).toBeGreaterThanOrEqual(best[index] ?? 0n)
        // and it still takes writes
        await store.write('other', [{ key: roundKey(0), time: 1n, value: roundValue(1n, 0) }])
        expect(store.count('usage')).toBe(KEYS)
        await store.close()
      }
    },
    30_000 * runs,
  )
})
