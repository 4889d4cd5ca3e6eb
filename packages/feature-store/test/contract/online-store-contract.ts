import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MAX_KEY_BYTES } from '../../src/online/limits.ts'
import type { OnlineRow, OnlineStore } from '../../src/online/online-store.ts'
import { stampBucket } from '../../src/online/row-stamps.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const row = (key: string, time: number | bigint, value: string): OnlineRow => ({
  key: bytes(key),
  time: BigInt(time),
  value: bytes(value),
})
const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex')

/** What every online store promises. `open` gives an empty store; the suite closes it. */
export function onlineStoreContract(name: string, open: () => Promise<OnlineStore>): void {
  describe(`${name} online store`, () => {
    let store: OnlineStore
    beforeEach(async () => {
      store = await open()
    })
    afterEach(async () => {
      await store.close()
    })

    const get = async (table: string, ...keys: string[]): Promise<(string | undefined)[]> => {
      const [rows = []] = await store.read([{ table, keys: keys.map(bytes) }])
      return rows.map((found) =>
        found === undefined ? undefined : `${found.time}:${Buffer.from(found.value).toString()}`,
      )
    }

    it('returns what was written, with its time', async () => {
      expect(await store.write('usage', [row('a', 10, 'one'), row('b', 20, 'two')])).toBe(2)
      expect(await get('usage', 'a', 'b')).toEqual(['10:one', '20:two'])
    })

    it('keeps the newest row when an older one arrives later, and counts only what it took', async () => {
      expect(await store.write('usage', [row('a', 10, 'new')])).toBe(1)
      expect(await store.write('usage', [row('a', 9, 'late'), row('b', 1, 'first')])).toBe(1)
      expect(await get('usage', 'a', 'b')).toEqual(['10:new', '1:first'])
    })

    it('replaces a row of the same time', async () => {
      await store.write('usage', [row('a', 10, 'wrong')])
      expect(await store.write('usage', [row('a', 10, 'corrected')])).toBe(1)
      expect(await get('usage', 'a')).toEqual(['10:corrected'])
    })

    it('takes duplicates in one batch: newest time first, then last written', async () => {
      expect(
        await store.write('usage', [row('a', 5, 'x'), row('a', 7, 'y'), row('a', 6, 'z'), row('a', 7, 'last')]),
      ).toBe(3)
      expect(await get('usage', 'a')).toEqual(['7:last'])
      expect(await store.count('usage')).toBe(1)
    })

    it('orders times before the epoch and at the ends of the range', async () => {
      const [least, greatest] = [-(2n ** 63n), 2n ** 63n - 1n]
      await store.write('usage', [
        row('a', -5, 'older'),
        row('a', -4, 'newer'),
        row('a', -6, 'oldest'),
        row('least', least, 'x'),
        row('most', greatest, 'y'),
      ])
      expect(await store.write('usage', [row('most', 0, 'no')])).toBe(0)
      expect(await get('usage', 'a', 'least', 'most')).toEqual(['-4:newer', `${least}:x`, `${greatest}:y`])
    })

    it('answers many tables in one read and keeps order and duplicates of the keys', async () => {
      await store.write('usage', [row('a', 1, 'ua'), row('b', 2, 'ub')])
      await store.write('profile', [row('a', 3, 'pa')])
      const answer = await store.read([
        { table: 'profile', keys: ['b', 'a', 'a'].map(bytes) },
        { table: 'never_written', keys: [bytes('a')] },
        { table: 'usage', keys: ['b', 'a', 'b', 'missing'].map(bytes) },
        { table: 'usage', keys: [] },
      ])
      expect(answer.map((rows) => rows.map((found) => found && Buffer.from(found.value).toString()))).toEqual([
        [undefined, 'pa', 'pa'],
        [undefined],
        ['ub', 'ua', 'ub', undefined],
        [],
      ])
    })

    it('answers no reads with nothing', async () => {
      expect(await store.read([])).toEqual([])
    })

    it('takes an empty batch', async () => {
      expect(await store.write('usage', [])).toBe(0)
      expect(await store.count('usage')).toBe(0)
      expect(await get('usage', 'a')).toEqual([undefined])
    })

    it('tells keys apart by their bytes alone: empty, zeros, prefixes, not UTF-8', async () => {
      const keys = [[], [0], [0, 0], [0, 1], [1], [255], [255, 254], [128], [0xc3, 0x28], [97, 0], [97]].map((key) =>
        Uint8Array.from(key),
      )
      await store.write(
        'usage',
        keys.map((key, index) => ({ key, time: 1n, value: Uint8Array.of(index) })),
      )
      const [rows = []] = await store.read([{ table: 'usage', keys }])
      expect(rows.map((found) => found?.value[0])).toEqual(keys.map((_, index) => index))
      expect(await store.count('usage')).toBe(keys.length)
    })

    it('takes keys up to the limit and refuses longer ones by name', async () => {
      const longest = new Uint8Array(MAX_KEY_BYTES).fill(7)
      await store.write('usage', [{ key: longest, time: 1n, value: bytes('long') }])
      const [rows = []] = await store.read([{ table: 'usage', keys: [longest, longest.slice(1)] }])
      expect(rows.map((found) => found && Buffer.from(found.value).toString())).toEqual(['long', undefined])
      await expect(
        store.write('usage', [{ key: new Uint8Array(MAX_KEY_BYTES + 1), time: 1n, value: longest }]),
      ).rejects.toMatchObject({ code: 'ONLINE_KEY_TOO_LONG' })
    })

    it('holds empty and large values', async () => {
      const large = new Uint8Array(3_000_000).map((_, index) => index * 31)
      await store.write('usage', [
        row('empty', 1, ''),
        { key: bytes('large'), time: 2n, value: large },
        row('small', 3, 's'),
      ])
      const [rows = []] = await store.read([{ table: 'usage', keys: ['large', 'empty', 'small', 'large'].map(bytes) }])
      expect(rows.map((found) => found?.value.length)).toEqual([large.length, 0, 1, large.length])
      expect(Buffer.compare(rows[0]?.value ?? bytes(''), large)).toBe(0)
      expect(Buffer.compare(rows[3]?.value ?? bytes(''), large)).toBe(0)
    })

    it('takes an empty value for a row like any other: it replaces what is older, and is not as if nothing were there', async () => {
      await store.write('usage', [row('left', 10, 'there'), row('back', 10, 'there'), row('never', 10, '')])
      expect(await store.write('usage', [row('left', 20, ''), row('back', 20, '')])).toBe(2)
      expect(
        await store.write('usage', [row('left', 15, 'late'), row('back', 30, 'again'), row('never', 9, 'late')]),
      ).toBe(1)
      expect(await get('usage', 'left', 'back', 'never', 'unknown')).toEqual(['20:', '30:again', '10:', undefined])
      expect(await store.count('usage')).toBe(3)
    })

    it('removes rows whatever their times, says how many there were, and takes older ones afterwards', async () => {
      const many = Array.from({ length: 2500 }, (_, index) => `many${index}`)
      await store.write('usage', [
        row('a', 10, 'a'),
        row('b', 20, 'b'),
        row('c', 30, ''),
        ...many.map((key) => row(key, 1, 'x')),
      ])
      await store.write('profile', [row('a', 10, 'kept')])
      expect(await store.remove('usage', ['a', 'c', 'unknown', ...many].map(bytes))).toBe(2502)
      expect(await get('usage', 'a', 'b', 'c', 'many7')).toEqual([undefined, '20:b', undefined, undefined])
      expect(await get('profile', 'a')).toEqual(['10:kept'])
      expect(await store.count('usage')).toBe(1)
      expect(await store.write('usage', [row('a', 5, 'older')])).toBe(1)
      expect(await get('usage', 'a')).toEqual(['5:older'])
      expect(await store.remove('usage', [])).toBe(0)
      expect(await store.remove('never_written', [bytes('a')])).toBe(0)
      await store.clear('usage')
      await store.write('usage', [row('a', 1, 'again')])
      expect(await store.remove('usage', [bytes('a')])).toBe(1)
      await expect(store.remove('usage', [new Uint8Array(MAX_KEY_BYTES + 1)])).rejects.toMatchObject({
        code: 'ONLINE_KEY_TOO_LONG',
      })
    })

    it('copies each row before it asks for the next one', async () => {
      const shared = new Uint8Array(2)
      function* reusing(): Generator<OnlineRow> {
        for (let index = 0; index < 100; index++) {
          shared[0] = index
          shared[1] = index + 100
          yield { key: shared.subarray(0, 1), time: 1n, value: shared.subarray(1, 2) }
        }
        shared.fill(0)
      }
      expect(await store.write('usage', reusing())).toBe(100)
      const keys = Array.from({ length: 100 }, (_, index) => Uint8Array.of(index))
      const [rows = []] = await store.read([{ table: 'usage', keys }])
      expect(rows.map((found) => found?.value[0])).toEqual(keys.map((_, index) => index + 100))
    })

    it('gives rows that later reads and writes leave alone', async () => {
      await store.write('usage', [row('a', 1, 'before'), row('b', 1, 'other')])
      const [before] = (await store.read([{ table: 'usage', keys: [bytes('a')] }]))[0] ?? []
      await store.write('usage', [row('a', 2, 'after!')])
      expect(await get('usage', 'b', 'a')).toEqual(['1:other', '2:after!'])
      expect(Buffer.from(before?.value ?? []).toString()).toBe('before')
    })

    it('keeps what came before a source that fails whole or not at all, and passes the error on', async () => {
      function* failing(): Generator<OnlineRow> {
        yield row('a', 1, 'whole')
        throw new RangeError('the source broke')
      }
      await expect(store.write('usage', failing())).rejects.toThrow('the source broke')
      expect([undefined, '1:whole']).toContain((await get('usage', 'a'))[0])
      expect(await store.write('usage', [row('b', 1, 'next')])).toBe(1)
    })

    const listed = async (table: string): Promise<readonly string[]> => {
      const found: string[] = []
      for await (const keys of store.keys(table)) found.push(...keys.map(hex))
      return found.toSorted()
    }

    it('removes rows by key, whatever their time, and says how many there were', async () => {
      await store.write('usage', [row('a', 10, 'one'), row('b', 20, 'two'), row('left', 30, ''), row('c', -5, 'old')])
      await store.write('profile', [row('a', 1, 'kept')])
      expect(await store.remove('usage', ['a', 'left', 'c', 'unknown'].map(bytes))).toBe(3)
      expect(await get('usage', 'a', 'b', 'left', 'c')).toEqual([undefined, '20:two', undefined, undefined])
      expect(await store.count('usage')).toBe(1)
      expect(await get('profile', 'a')).toEqual(['1:kept'])
    })

    it('removes twice, from nothing, and no keys without harm', async () => {
      await store.write('usage', [row('a', 10, 'one')])
      expect(await store.remove('usage', [bytes('a'), bytes('a')])).toBe(1)
      expect(await store.remove('usage', [bytes('a')])).toBe(0)
      expect(await store.remove('usage', [])).toBe(0)
      expect(await store.remove('never_written', [bytes('a')])).toBe(0)
      expect(await listed('never_written')).toEqual([])
    })

    it('takes an older row for a removed key: nothing of what was there protects it', async () => {
      await store.write('usage', [row('a', 10, 'one')])
      await store.remove('usage', [bytes('a')])
      expect(await store.write('usage', [row('a', 1, 'again')])).toBe(1)
      expect(await get('usage', 'a')).toEqual(['1:again'])
    })

    it('lists the keys of a table, and removes as many as there are', async () => {
      const keys = Array.from({ length: 9000 }, (_, index) => Uint8Array.of(index >> 8, index & 255, 0, 255))
      const all = [...keys, new Uint8Array(0)]
      await store.write(
        'usage',
        all.map((key) => ({ key, time: 1n, value: Uint8Array.of(1) })),
      )
      await store.write('usage2', [row('other', 1, 'x')])
      expect(await listed('usage')).toEqual(['', ...keys.map(hex)].toSorted())
      expect(await store.remove('usage', keys)).toBe(9000)
      expect(await listed('usage')).toEqual([''])
    })

    it('forgets what was removed when the table is cleared and written again', async () => {
      await store.write('usage', [row('a', 1, 'x'), row('b', 1, 'y')])
      await store.clear('usage')
      expect(await listed('usage')).toEqual([])
      await store.write('usage', [row('a', 2, 'z')])
      expect(await store.remove('usage', ['a', 'b'].map(bytes))).toBe(1)
      expect(await listed('usage')).toEqual([])
    })

    it('keeps rows at least as long as asked, whatever older rows arrive with', async () => {
      const now = BigInt(Date.now()) * 1000n
      const hour = 3_600_000_000n
      await store.write('usage', [row('a', now, 'new'), row('b', now, 'keeps')], { keepFor: hour })
      expect(await store.write('usage', [row('a', now - 2n * hour, 'old')], { keepFor: hour })).toBe(0)
      await store.write('usage', [row('b', now, 'again')])
      expect(await get('usage', 'a', 'b')).toEqual([`${now}:new`, `${now}:again`])
    })

    it('clears one table and only that', async () => {
      await store.write('usage', [row('a', 5, 'x'), row('b', 5, 'y')])
      await store.write('profile', [row('a', 5, 'p')])
      await store.clear('usage')
      await store.clear('never_written')
      expect([await store.count('usage'), await store.count('profile'), await store.count('never_written')]).toEqual([
        0, 1, 0,
      ])
      expect(await get('usage', 'a', 'b')).toEqual([undefined, undefined])
      expect(await store.write('usage', [row('a', 1, 'older than what was cleared')])).toBe(1)
    })

    it('refuses table names that some store could not hold', async () => {
      for (const table of ['', '1st', 'a b', 'a/b', 'a\0', 'é', 'x'.repeat(129)]) {
        await expect(store.write(table, [row('a', 1, 'x')])).rejects.toMatchObject({ code: 'BAD_ONLINE_TABLE' })
        await expect((async () => store.read([{ table, keys: [] }]))()).rejects.toMatchObject({
          code: 'BAD_ONLINE_TABLE',
        })
      }
      expect(await store.write('.ok-1_Table', [row('a', 1, 'x')])).toBe(1)
    })

    it('takes many writers at once: the newest time of each key wins', async () => {
      const writers = Array.from({ length: 8 }, (_, writer) =>
        Array.from({ length: 200 }, (_, index) =>
          row(`k${index % 20}`, (index * 7919 + writer * 104_729) % 1009, `${writer}.${index}`),
        ),
      )
      const newest = new Map<string, bigint>()
      for (const { key, time } of writers.flat()) {
        const id = Buffer.from(key).toString()
        if ((newest.get(id) ?? -1n) < time) newest.set(id, time)
      }
      await Promise.all(writers.map((rows) => store.write('usage', rows)))
      for (const [key, time] of newest) expect((await get('usage', key))[0]?.split(':')[0]).toBe(String(time))
      expect(await store.count('usage')).toBe(newest.size)
    })

    it('agrees with a map whatever is written in whatever order', async () => {
      const key = fc.oneof(
        fc.uint8Array({ maxLength: 3 }),
        fc.constantFrom(new Uint8Array(), Uint8Array.of(0), new Uint8Array(MAX_KEY_BYTES)),
      )
      const written = fc.record({
        key,
        time: fc.oneof(fc.bigInt({ min: -3n, max: 3n }), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
        value: fc.uint8Array({ maxLength: 40 }),
      })
      const step = fc.oneof(
        {
          weight: 6,
          arbitrary: fc.record({ table: fc.constantFrom('t1', 't2'), rows: fc.array(written, { maxLength: 30 }) }),
        },
        { weight: 1, arbitrary: fc.record({ clear: fc.constantFrom('t1', 't2') }) },
      )
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 6 }), async (steps) => {
          const twin = new Map<string, Map<string, string>>([
            ['t1', new Map()],
            ['t2', new Map()],
          ])
          const times = new Map<string, bigint>()
          const seen = new Map<string, Uint8Array>()
          await store.clear('t1')
          await store.clear('t2')
          for (const action of steps) {
            if ('clear' in action) {
              await store.clear(action.clear)
              for (const id of twin.get(action.clear)?.keys() ?? []) times.delete(`${action.clear}/${id}`)
              twin.get(action.clear)?.clear()
              continue
            }
            let expected = 0
            for (const { key, time, value } of action.rows) {
              const id = `${action.table}/${hex(key)}`
              seen.set(hex(key), key)
              if ((times.get(id) ?? time) > time) continue
              times.set(id, time)
              twin.get(action.table)?.set(hex(key), `${time}:${hex(value)}`)
              expected++
            }
            expect(await store.write(action.table, action.rows)).toBe(expected)
          }
          const keys = [...seen.values()]
          const answer = await store.read([
            { table: 't1', keys },
            { table: 't2', keys },
          ])
          for (const [index, table] of ['t1', 't2'].entries()) {
            expect(answer[index]?.map((found) => found && `${found.time}:${hex(found.value)}`)).toEqual(
              keys.map((key) => twin.get(table)?.get(hex(key))),
            )
            expect(await store.count(table)).toBe(twin.get(table)?.size)
          }
        }),
      )
    })

    it('agrees with a map on many rows of few keys in no order, last written of equal times first', async () => {
      const head = fc.constantFrom('', 'customer-', 'customer-0', 'customer-000')
      const time = fc.constantFrom(0n, 1n, 2n ** 40n, 2n ** 50n)
      const input = fc.record({
        head,
        rows: fc.array(fc.record({ tail: fc.integer({ min: 0, max: 60 }), time }), {
          minLength: 65,
          maxLength: 400,
          size: 'max',
        }),
      })
      await fc.assert(
        fc.asyncProperty(input, async ({ head, rows }) => {
          await store.clear('usage')
          const twin = new Map<string, { time: bigint; index: number }>()
          let expected = 0
          for (const [index, { tail, time }] of rows.entries()) {
            if ((twin.get(`${head}${tail}`)?.time ?? time) > time) continue
            twin.set(`${head}${tail}`, { time, index })
            expected++
          }
          expect(
            await store.write(
              'usage',
              rows.map(({ tail, time }, index) => row(`${head}${tail}`, time, String(index))),
            ),
          ).toBe(expected)
          expect(await get('usage', ...twin.keys())).toEqual(
            Array.from(twin.values(), ({ time, index }) => `${time}:${index}`),
          )
          expect(await store.count('usage')).toBe(twin.size)
        }),
      )
    })

    it.each(['in order', 'in no order'])('takes a batch of 40 000 keys %s', async (order) => {
      const keys = Array.from({ length: 40_000 }, (_, index) =>
        bytes(`k${String(order === 'in order' ? index : (index * 7919) % 40_000).padStart(6, '0')}`),
      )
      expect(
        await store.write(
          'usage',
          keys.map((key, index) => ({ key, time: BigInt(index), value: key })),
        ),
      ).toBe(40_000)
      expect(await store.count('usage')).toBe(40_000)
      const [rows = []] = await store.read([{ table: 'usage', keys }])
      expect(
        rows.findIndex(
          (found, index) =>
            found?.time !== BigInt(index) || Buffer.compare(found.value, keys[index] ?? bytes('')) !== 0,
        ),
      ).toBe(-1)
    })

    it('has stamps, if any, that change with every row and table, and stay otherwise', async () => {
      const { stamps } = store
      if (stamps === undefined) return expect(store.kind).toBe('redis')
      const stampOf = (table: string, key: string): number | undefined => stamps.of(table)[stampBucket(bytes(key))]
      const look = (): { state: number | undefined; era: number; a: number | undefined; b: number | undefined } => {
        const state = stamps.now()
        return { state, era: stamps.era, a: stampOf('usage', 'a'), b: stampOf('usage', 'b') }
      }
      await store.write('usage', [row('b', 1, 'x')])
      const first = look()
      expect(look()).toEqual(first)
      expect(first.state).toBeTypeOf('number')

      await store.write('usage', [row('a', 5, 'one')])
      const added = look()
      expect(added).toMatchObject({ era: first.era, b: first.b })
      expect([added.state === first.state, added.a === first.a]).toEqual([false, false])

      await store.write('usage', [row('a', 4, 'older')])
      expect(look()).toMatchObject({ a: added.a, b: added.b })
      await store.remove('usage', [bytes('missing')])
      expect(look()).toMatchObject({ a: added.a, b: added.b })

      await store.write('usage', [row('a', 5, 'again')])
      const replaced = look()
      expect(replaced.a).not.toBe(added.a)
      await store.remove('usage', [bytes('a')])
      const removed = look()
      expect(removed.a).not.toBe(replaced.a)
      expect(removed.b).toBe(first.b)
      await store.clear('usage')
      const cleared = look()
      expect([cleared.a === removed.a, cleared.b === removed.b]).toEqual([false, false])
      await store.write('other', [row('a', 1, 'x')])
      expect(look()).toMatchObject({ a: cleared.a, b: cleared.b })
    })

    it('refuses work after close with a typed error, and closes twice', async () => {
      await store.write('usage', [row('a', 1, 'x')])
      await store.close()
      await store.close()
      await expect((async () => store.read([{ table: 'usage', keys: [bytes('a')] }]))()).rejects.toMatchObject({
        code: 'ONLINE_STORE_CLOSED',
      })
      await expect(store.write('usage', [row('a', 1, 'x')])).rejects.toMatchObject({ code: 'ONLINE_STORE_CLOSED' })
      await expect((async () => store.count('usage'))()).rejects.toMatchObject({ code: 'ONLINE_STORE_CLOSED' })
      await expect(store.clear('usage')).rejects.toMatchObject({ code: 'ONLINE_STORE_CLOSED' })
    })
  })
}
