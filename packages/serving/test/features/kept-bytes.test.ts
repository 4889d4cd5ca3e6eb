import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ENTRY_HEAD, KeptBytes, type EntryKey } from '../../src/desk/features/kept/kept-bytes.ts'

function keyOf(owner: number, text: string): EntryKey {
  const bytes = Buffer.from(`..${text}..`)
  // Few hashes, so that many entries share one.
  return { owner, hash: text.length % 3, bytes, start: 2, length: bytes.length - 4 }
}

function put(kept: KeptBytes, key: EntryKey, value: number, words = 40): boolean {
  if (!kept.make(key, words)) return false
  if (kept.slab !== undefined) kept.slab.words[kept.at + ENTRY_HEAD] = value
  return true
}

const get = (kept: KeptBytes, key: EntryKey): number | undefined =>
  kept.find(key) ? kept.slab?.words[kept.at + ENTRY_HEAD] : undefined

test('what is found is what was put last, whatever is put, used and forgotten', () => {
  const command = fc.record({
    what: fc.constantFrom('put', 'put', 'find', 'find', 'turn'),
    owner: fc.integer({ min: 1, max: 2 }),
    text: fc.string({ unit: fc.constantFrom('a', 'b', 'é'), maxLength: 6 }),
    words: fc.integer({ min: 20, max: 90 }),
  })
  fc.assert(
    fc.property(fc.array(command, { maxLength: 300 }), fc.constantFrom(4096, 20_000, 1 << 20), (commands, limit) => {
      const kept = new KeptBytes(limit)
      const known = new Map<string, number>()
      for (const [value, { what, owner, text, words }] of commands.entries()) {
        const key = keyOf(owner, text)
        const id = `${owner}:${text}`
        if (what === 'turn') kept.turn()
        else if (what === 'put') {
          expect(put(kept, key, value, words)).toBe(true)
          known.set(id, value)
          expect(get(kept, key)).toBe(value)
        } else {
          const found = get(kept, key)
          if (found === undefined) known.delete(id)
          expect(found).toBe(known.get(id))
          if (found === undefined) continue
          kept.use(key)
          expect(kept.slab?.words[kept.at + ENTRY_HEAD]).toBe(found)
          expect(get(kept, key)).toBe(found)
        }
      }
    }),
  )
})

test('what is used stays, what is not is forgotten at the second turn, and memory has a bound', async () => {
  const kept = new KeptBytes(1 << 20)
  const used = keyOf(1, 'used')
  put(kept, used, 7)
  for (let index = 0; index < 20_000; index++) {
    put(kept, keyOf(2, String(index)), index)
    if (index % 1000 === 0) {
      expect(get(kept, used)).toBe(7)
      kept.use(used)
      expect(kept.bytes).toBeLessThanOrEqual((1 << 20) + 4096)
      await nextTurn()
    }
  }
  expect(get(kept, keyOf(2, '0'))).toBe(undefined)
  expect(get(kept, keyOf(2, '19999'))).toBe(19_999)
  kept.turn()
  expect(get(kept, used)).toBe(7)
  kept.turn()
  expect(get(kept, used)).toBe(undefined)
})

test('memory of what is forgotten is overwritten', async () => {
  const kept = new KeptBytes(1 << 16)
  put(kept, keyOf(1, 'somebody'), 1)
  const { slab } = kept
  expect(slab?.bytes.includes('somebody')).toBe(true)
  kept.clear()
  expect(get(kept, keyOf(1, 'somebody'))).toBe(undefined)
  for (let turn = 0; turn < 3; turn++) await nextTurn()
  expect(slab?.bytes.every((byte) => byte === 0)).toBe(true)
})

test('what is larger than a piece of memory is not kept', () => {
  expect(put(new KeptBytes(1 << 16), keyOf(1, 'large'), 1, 1 << 20)).toBe(false)
})
