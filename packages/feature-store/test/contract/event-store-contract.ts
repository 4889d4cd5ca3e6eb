import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ArrivedEvent, EventStore, TailPart, TailWrite } from '../../src/online/events/event-store.ts'
import type { OnlineStore } from '../../src/online/online-store.ts'

/** Ids are known for an hour in these tests. */
export const REMEMBERED_MILLISECONDS = 3_600_000
const HOUR = 3_600_000_000n

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (value: Uint8Array): string => new TextDecoder().decode(value)
const tail = (key: string, time: bigint, value: string, table = 'velocity'): TailWrite => ({
  table,
  key: bytes(key),
  time,
  value: bytes(value),
})
const event = (id: string, tails: readonly TailWrite[] = [], more: Partial<ArrivedEvent> = {}): ArrivedEvent => ({
  id: bytes(id),
  body: bytes(`{"id":"${id}"}`),
  arrived: 1000n,
  origin: 'push',
  tails,
  ...more,
})

/**
 * The promises of `EventStore`, as tests that every store runs.
 *
 * @param open opens an empty store that knows ids for {@link REMEMBERED_MILLISECONDS}
 */
export function eventStoreContract(name: string, open: () => Promise<OnlineStore>): void {
  let store: OnlineStore
  let events: EventStore
  beforeEach(async () => {
    store = await open()
    if (store.events === undefined) throw new Error(`the ${name} store takes no events`)
    events = store.events
  })
  afterEach(async () => store.close())

  const ids = async (source = 'payments', after = 0n): Promise<string[]> =>
    (await events.read(source, after, 1000)).map(({ id, position }) => `${position} ${text(id)}`)
  const shown = (parts: readonly TailPart[]): string[] =>
    parts.map(({ position, kind, time, value }) => `${position} ${kind} ${time} ${text(value)}`)
  const tailOf = async (key: string, table = 'velocity'): Promise<string[]> => {
    const found = await events.tails([{ table, keys: [bytes(key)] }])
    return shown(found[0]?.[0] ?? [])
  }
  const join = (_: string, __: Uint8Array, parts: readonly TailPart[]): Uint8Array =>
    bytes(parts.map(({ value }) => text(value)).join('+'))

  describe(`the journal of the ${name} store`, () => {
    it('is empty at first', async () => {
      expect(await events.newest('payments')).toBe(0n)
      expect(await events.newestTime('payments')).toBe(undefined)
      expect(await events.read('payments', 0n, 10)).toEqual([])
      expect(await events.offsets('payments')).toEqual({})
      expect(await events.checkpoint('payments')).toBe(0n)
      expect(await tailOf('a')).toEqual([])
      await events.trim('payments', 5n)
      await events.dropTails('velocity', 5n)
      expect(await events.removeTails('velocity', [bytes('a')])).toBe(0)
      expect(await events.fold('velocity', 1, join)).toBe(0)
    })

    it('gives back what came, with every byte', async () => {
      const body = Uint8Array.from({ length: 256 }, (_, byte) => byte)
      const came = event('e1', [], { id: body, body, arrived: -5n, origin: 'payments/3/17' })
      const bad = event('e2', [], { rejected: 'amount müsste eine Zahl sein', body: new Uint8Array(0) })
      expect(await events.append('payments', [came, bad])).toEqual({ position: 2n, repeated: [] })
      const [first, second] = await events.read('payments', 0n, 10)
      expect(first).toMatchObject({ position: 1n, arrived: -5n, origin: 'payments/3/17' })
      expect(first).not.toHaveProperty('rejected')
      expect([...(first?.body ?? [])]).toEqual([...body])
      expect([...(first?.id ?? [])]).toEqual([...body])
      expect(second).toMatchObject({ position: 2n, rejected: 'amount müsste eine Zahl sein' })
      expect(second?.body.length).toBe(0)
    })

    it('counts each source by itself, without gaps', async () => {
      await events.append('payments', [event('a'), event('b')])
      await events.append('logins', [event('a')])
      expect(await events.append('payments', [event('c')])).toEqual({ position: 3n, repeated: [] })
      expect(await ids()).toEqual(['1 a', '2 b', '3 c'])
      expect(await ids('logins')).toEqual(['1 a'])
      expect(await ids('payments', 1n)).toEqual(['2 b', '3 c'])
      expect(await ids('payments', 3n)).toEqual([])
      expect((await events.read('payments', 1n, 1)).length).toBe(1)
      // names of which one is the other's beginning
      await events.append('pay', [event('x')])
      expect(await ids('pay')).toEqual(['1 x'])
      expect(await events.newest('payments')).toBe(3n)
    })

    it('takes an id once: in one append, in a later one, and after trim', async () => {
      const twice = await events.append('payments', [event('a'), event('a', [tail('k', 1n, 'twice')]), event('b')])
      expect(twice).toEqual({ position: 2n, repeated: [1] })
      await events.trim('payments', 2n)
      expect(await ids()).toEqual([])
      expect(await events.append('payments', [event('b', [tail('k', 1n, 'again')]), event('c')])).toEqual({
        position: 3n,
        repeated: [0],
      })
      expect(await ids()).toEqual(['3 c'])
      expect(await tailOf('k')).toEqual([])
      expect(await events.append('payments', [])).toEqual({ position: 3n, repeated: [] })
    })

    it('takes an id again when it has been forgotten, and keeps no more ids than that', async () => {
      await events.append('payments', [event('a', [], { arrived: 0n })])
      const early = event('a', [], { arrived: HOUR })
      expect((await events.append('payments', [early])).repeated).toEqual([0])
      const late = event('a', [], { arrived: HOUR + 1n })
      expect(await events.append('payments', [late])).toEqual({ position: 2n, repeated: [] })
    })

    it('trims up to a position, and goes on from there', async () => {
      await events.append(
        'payments',
        ['a', 'b', 'c'].map((id) => event(id)),
      )
      await events.trim('payments', 2n)
      expect(await ids()).toEqual(['3 c'])
      await events.trim('payments', 1n)
      expect(await ids()).toEqual(['3 c'])
      await events.trim('payments', 3n)
      expect(await events.newest('payments')).toBe(3n)
      await events.append('payments', [event('d')])
      expect(await ids()).toEqual(['4 d'])
      expect(await ids('payments', 1n)).toEqual(['4 d'])
    })

    it('keeps offsets with the events', async () => {
      await events.append('payments', [event('a')], { offsets: { 'p/0': 5n, 'p/1': 2n } })
      await events.append('payments', [], { offsets: { 'p/0': 9n } })
      expect(await events.offsets('payments')).toEqual({ 'p/0': 9n, 'p/1': 2n })
      expect(await events.offsets('pay')).toEqual({})
      expect(await events.newest('payments')).toBe(1n)
    })

    it('appends nothing of what another reader has appended', async () => {
      await events.append('payments', [event('a')], { offsets: { 'p/0': 5n, 'p/1': 2n }, after: {} })
      const moved = { code: 'OFFSETS_MOVED' }
      const late = events.append('payments', [event('b')], { offsets: { 'p/0': 7n }, after: { 'p/0': 4n } })
      await expect(late).rejects.toMatchObject({
        ...moved,
        data: { source: 'payments', origin: 'p/0', expected: 4n, stored: 5n },
      })
      const unread = events.append('payments', [event('b')], {
        offsets: { 'p/0': 7n, 'p/2': 1n },
        after: { 'p/2': 0n },
      })
      await expect(unread).rejects.toMatchObject(moved)
      expect(await events.newest('payments')).toBe(1n)
      expect(await events.offsets('payments')).toEqual({ 'p/0': 5n, 'p/1': 2n })
      // Two readers that have fetched the same: one of them appends, whichever it is.
      const both = ['c', 'd'].map((id) =>
        events.append('payments', [event(id)], { offsets: { 'p/0': 6n }, after: { 'p/0': 5n } }),
      )
      const outcomes = await Promise.allSettled(both)
      expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
      expect(await events.newest('payments')).toBe(2n)
      // A topic that was created again begins at 0.
      await events.append('payments', [], { offsets: { 'p/0': 0n }, after: { 'p/0': 6n } })
      expect(await events.offsets('payments')).toEqual({ 'p/0': 0n, 'p/1': 2n })
    })

    it('takes appends at once, each id once and each position once', async () => {
      const appends = Array.from({ length: 20 }, (_, turn) =>
        events.append(
          'payments',
          Array.from({ length: 10 }, (__, index) => event(`e${turn * 5 + index}`)),
        ),
      )
      const answers = await Promise.all(appends)
      expect(answers.reduce((sum, { repeated }) => sum + repeated.length, 0)).toBe(95)
      const found = await events.read('payments', 0n, 1000)
      expect(found.map(({ position }) => position)).toEqual(found.map((_, index) => BigInt(index + 1)))
      expect(new Set(found.map(({ id }) => text(id))).size).toBe(105)
      expect(found.length).toBe(105)
    })

    it('refuses ids, keys and names that some store could not hold, and takes nothing of that append', async () => {
      const long = new Uint8Array(1025)
      const refused = async (one: ArrivedEvent): Promise<unknown> => events.append('payments', [event('ok'), one])
      await expect(refused(event('x', [], { id: long }))).rejects.toMatchObject({ code: 'EVENT_ID_TOO_LONG' })
      await expect(refused(event('x', [{ ...tail('k', 1n, 'v'), key: long }]))).rejects.toMatchObject({
        code: 'ONLINE_KEY_TOO_LONG',
      })
      await expect(refused(event('x', [tail('k', 1n, 'v', 'no such/name')]))).rejects.toMatchObject({
        code: 'BAD_ONLINE_TABLE',
      })
      expect(await events.newest('payments')).toBe(0n)
    })

    it('is closed with its store', async () => {
      await store.close()
      const closed = { code: 'ONLINE_STORE_CLOSED' }
      await expect(events.append('payments', [event('a')])).rejects.toMatchObject(closed)
      await expect(events.read('payments', 0n, 1)).rejects.toMatchObject(closed)
    })
  })

  describe(`tails of the ${name} store`, () => {
    it('are read in the order of positions, each key by itself', async () => {
      await events.append('payments', [
        event('a', [tail('k', 30n, 'a'), tail('kk', 30n, 'a2'), tail('k', 30n, 'other', 'other')]),
        event('b', [tail('k', 10n, 'b')]),
      ])
      await events.append('payments', [event('c', [tail('k', 20n, 'c'), tail('', 20n, 'empty')])])
      expect(await tailOf('k')).toEqual(['1 event 30 a', '2 event 10 b', '3 event 20 c'])
      const found = await events.tails([
        { table: 'velocity', keys: [bytes('kk'), bytes('none'), bytes(''), bytes('kk')] },
        { table: 'other', keys: [bytes('k')] },
      ])
      expect(found.map((keys) => keys.map(shown))).toEqual([
        [['1 event 30 a2'], [], ['3 event 20 empty'], ['1 event 30 a2']],
        [['1 event 30 other']],
      ])
      expect(await events.newestTime('payments')).toBe(30n)
    })

    it('keep two parts of one event in one key', async () => {
      await events.append('payments', [event('a', [tail('k', 1n, 'from'), tail('k', 1n, 'to')])])
      expect(await tailOf('k')).toEqual(['1 event 1 from', '1 event 1 to'])
    })

    it('are folded where there are more parts than the limit, and stay as they are elsewhere', async () => {
      await events.append(
        'payments',
        ['a', 'b', 'c'].map((id, index) => event(id, [tail('hot', BigInt(9 - index), id)])),
      )
      await events.append('payments', [event('d', [tail('cool', 1n, 'd'), tail('hot', 1n, 'x', 'other')])])
      expect(await events.fold('velocity', 2, join)).toBe(3)
      expect(await tailOf('hot')).toEqual(['3 folded 9 a+b+c'])
      expect(await tailOf('cool')).toEqual(['4 event 1 d'])
      await events.append('payments', [event('e', [tail('hot', 5n, 'e')]), event('f', [tail('hot', 50n, 'f')])])
      expect(await tailOf('hot')).toEqual(['3 folded 9 a+b+c', '5 event 5 e', '6 event 50 f'])
      expect(await events.fold('velocity', 2, join)).toBe(2)
      expect(await tailOf('hot')).toEqual(['6 folded 50 a+b+c+e+f'])
      expect(await events.fold('velocity', 2, join)).toBe(0)
      expect(await tailOf('hot', 'other')).toEqual(['4 event 1 x'])
    })

    it('are never folded across a checkpoint, however often there is one', async () => {
      const push = async (...names: string[]): Promise<unknown> =>
        events.append(
          'payments',
          names.map((id) => event(id, [tail('k', 1n, id)])),
        )
      await push('a', 'b')
      expect(await events.checkpoint('payments')).toBe(2n)
      await push('c', 'd')
      expect(await events.checkpoint('payments')).toBe(4n)
      await push('e', 'f')
      expect(await events.fold('velocity', 1, join)).toBe(6)
      expect(await tailOf('k')).toEqual(['2 folded 1 a+b', '4 folded 1 c+d', '6 folded 1 e+f'])
      await push('g')
      expect(await events.fold('velocity', 1, join)).toBe(1)
      expect(await tailOf('k')).toEqual(['2 folded 1 a+b', '4 folded 1 c+d', '7 folded 1 e+f+g'])
      await events.dropTails('velocity', 4n)
      expect(await tailOf('k')).toEqual(['7 folded 1 e+f+g'])
    })

    it('are dropped up to a position in one table, and removed by key', async () => {
      await events.append('payments', [
        event('a', [tail('k', 1n, 'a'), tail('l', 1n, 'a'), tail('k', 1n, 'a', 'other')]),
        event('b', [tail('k', 1n, 'b')]),
      ])
      await events.dropTails('velocity', 1n)
      expect(await tailOf('k')).toEqual(['2 event 1 b'])
      expect(await tailOf('l')).toEqual([])
      expect(await tailOf('k', 'other')).toEqual(['1 event 1 a'])
      expect(await events.removeTails('velocity', [bytes('k'), bytes('l')])).toBe(1)
      expect(await tailOf('k')).toEqual([])
      expect(await ids()).toEqual(['1 a', '2 b'])
      expect(await events.newestTime('payments')).toBe(1n)
    })

    it('stay as they were read, whatever is written later', async () => {
      const value = bytes('first')
      await events.append('payments', [event('a', [{ ...tail('k', 1n, ''), value }])])
      value.fill(0)
      const [read] = await events.tails([{ table: 'velocity', keys: [bytes('k')] }])
      const [journal] = await events.read('payments', 0n, 1)
      await events.append('payments', [event('b', [tail('k', 1n, 'xxxxx')])])
      await tailOf('k')
      await events.dropTails('velocity', 9n)
      await events.trim('payments', 9n)
      expect(shown(read?.[0] ?? [])).toEqual(['1 event 1 first'])
      expect(text(journal?.body ?? bytes(''))).toBe('{"id":"a"}')
    })
  })

  describe(`any work on the ${name} store`, () => {
    const keys = ['a', 'b', 'ab', '']
    const step = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          do: fc.constant('append' as const),
          events: fc.array(fc.record({ id: fc.nat(40), key: fc.nat(3), time: fc.nat(100), rejected: fc.boolean() }), {
            maxLength: 12,
          }),
        }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('checkpoint' as const) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('fold' as const), limit: fc.integer({ min: 1, max: 4 }) }) },
      {
        weight: 1,
        arbitrary: fc.record({ do: fc.constant('trim' as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('drop' as const) }) },
    )

    it('loses no event of a tail and counts none twice', async () => {
      const steps = fc.sample(fc.array(step, { minLength: 40, maxLength: 60 }), 3)
      for (const [round, run] of steps.entries()) {
        const source = `s${round}`
        const table = `t${round}`
        const known = new Set<number>()
        const tails = new Map(keys.map((key) => [key, [] as { position: bigint; name: string }[]]))
        const journal: string[] = []
        let newest: number | undefined
        let trimmed = 0
        let border = 0n
        let previous = 0n
        for (const one of run) {
          if (one.do === 'append') {
            const came = one.events.map(({ id, key, time, rejected }) => {
              const writes = rejected ? [] : [tail(keys[key] ?? '', BigInt(time), `${id}`, table)]
              return event(`${id}`, writes, rejected ? { rejected: 'no' } : {})
            })
            const { position, repeated } = await events.append(source, came)
            const wanted: number[] = []
            for (const [index, { id, key, time, rejected }] of one.events.entries()) {
              if (known.has(id)) {
                wanted.push(index)
                continue
              }
              known.add(id)
              journal.push(`${journal.length + 1} ${id}`)
              if (rejected) continue
              newest = Math.max(newest ?? time, time)
              tails.get(keys[key] ?? '')?.push({ position: BigInt(journal.length), name: `${id}` })
            }
            expect({ position, repeated }).toEqual({ position: BigInt(journal.length), repeated: wanted })
          } else if (one.do === 'checkpoint') {
            previous = border
            border = await events.checkpoint(source)
            expect(border).toBe(BigInt(journal.length))
          } else if (one.do === 'fold') {
            await events.fold(table, one.limit, join)
          } else if (one.do === 'trim') {
            trimmed = Math.max(trimmed, Math.floor(journal.length * one.share))
            await events.trim(source, BigInt(trimmed))
          } else {
            await events.dropTails(table, previous)
            for (const [key, parts] of tails)
              tails.set(
                key,
                parts.filter(({ position }) => position > previous),
              )
          }
        }
        expect(await ids(source)).toEqual(journal.slice(trimmed))
        expect(await events.newestTime(source)).toBe(newest === undefined ? undefined : BigInt(newest))
        const [found = []] = await events.tails([{ table, keys: keys.map(bytes) }])
        for (const [index, key] of keys.entries()) {
          const parts = found[index] ?? []
          const names = parts.flatMap(({ value }) => text(value).split('+'))
          expect(names).toEqual(tails.get(key)?.map((part) => part.name))
          // A border separates parts: what is up to it is in none that ends behind it.
          const before = parts
            .filter(({ position }) => position <= border)
            .flatMap(({ value }) => text(value).split('+'))
          expect(before).toEqual(
            tails
              .get(key)
              ?.filter(({ position }) => position <= border)
              .map((part) => part.name),
          )
        }
      }
    })
  })
}
