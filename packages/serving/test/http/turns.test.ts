import { setImmediate as nextLook } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { turnsOf, type Turns } from '../../src/desk/turns.ts'

async function work(turns: Turns, caller: object, name: string, steps: number, log: string[]): Promise<void> {
  const own = turns.begin(caller)
  try {
    for (let step = 0; step < steps; step++) {
      await own.turn()
      log.push(name)
    }
  } finally {
    own.end()
  }
}

test('callers take turns, however much work one of them has; the oldest work of each caller is finished first', async () => {
  const turns = turnsOf()
  const [greedy, modest] = [{}, {}]
  const log: string[] = []
  const all = [
    ...Array.from({ length: 6 }, (_, index) => work(turns, greedy, `g${index}`, 3, log)),
    work(turns, modest, 'm', 3, log),
  ]
  await Promise.all(all)
  expect(log.filter((name) => name !== 'm')).toEqual([
    'g0',
    'g0',
    'g0',
    'g1',
    'g1',
    'g1',
    'g2',
    'g2',
    'g2',
    'g3',
    'g3',
    'g3',
    'g4',
    'g4',
    'g4',
    'g5',
    'g5',
    'g5',
  ])
  // Every second turn while it has work.
  expect(log.slice(0, 6).filter((name) => name === 'm')).toHaveLength(3)
})

test('one step runs between two polls of the network', async () => {
  const turns = turnsOf()
  const log: string[] = []
  const all = [work(turns, {}, 'a', 3, log), work(turns, {}, 'b', 3, log)]
  const seen: number[] = []
  for (let look = 0; look < 6; look++) {
    await nextLook()
    seen.push(log.length)
  }
  for (const [index, count] of seen.entries()) expect(count - (seen[index - 1] ?? 0)).toBeLessThanOrEqual(1)
  await Promise.all(all)
  expect(log).toHaveLength(6)
})

test('work that waits for something else leaves the thread to the next, and failed work is skipped', async () => {
  const turns = turnsOf()
  const caller = {}
  const log: string[] = []
  const { promise: store, resolve: arrive } = Promise.withResolvers<void>()
  const slow = (async () => {
    const own = turns.begin(caller)
    await own.turn()
    await store
    await own.turn()
    log.push('slow')
    own.end()
  })()
  const failing = (async () => {
    const own = turns.begin(caller)
    try {
      await own.turn()
      throw new Error('refused')
    } finally {
      own.end()
    }
  })().catch(() => log.push('failed'))
  await Promise.all([failing, work(turns, caller, 'next', 2, log)])
  expect(log).toEqual(['failed', 'next', 'next'])
  arrive()
  await slow
  expect(log.at(-1)).toBe('slow')
})

test('at most four pieces of work per caller are unfinished', async () => {
  const turns = turnsOf()
  const caller = {}
  const { promise: store, resolve: arrive } = Promise.withResolvers<void>()
  let begun = 0
  const all = Array.from({ length: 10 }, async () => {
    const own = turns.begin(caller)
    await own.turn()
    begun++
    await store
    own.end()
  })
  for (let look = 0; look < 30; look++) await nextLook()
  expect(begun).toBe(4)
  arrive()
  await Promise.all(all)
  expect(begun).toBe(10)
})
