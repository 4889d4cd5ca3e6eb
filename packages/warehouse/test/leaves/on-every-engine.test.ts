import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { columnBatch, dropTable, ensureTable, rowsOf, sql } from '@martlet/warehouse'
import type { ColumnType, Sql, Warehouse } from '@martlet/warehouse'
import { openTestWarehouse, runsOf } from '../support/engine.ts'

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openTestWarehouse()
})
afterAll(() => warehouse.close())

interface Row {
  readonly g: string | null
  readonly n: bigint | null
  readonly small: bigint
  readonly x: number | null
  readonly s: string | null
  readonly ts: bigint | null
}

const DAY = 86_400_000_000n
const text = fc
  .oneof(
    fc.string({ unit: 'grapheme', maxLength: 8 }),
    fc.constantFrom('', "o'b", '\\', "\\'", '1:x', '~', 'a ', 'é😀'),
  )
  .filter((one) => !one.includes('\0'))
const row: fc.Arbitrary<Row> = fc.record({
  g: fc.constantFrom('a', 'b', '', null),
  n: fc.option(fc.oneof(fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }), fc.bigInt({ min: -9n, max: 9n }))),
  small: fc.bigInt({ min: -4n, max: 4n }),
  x: fc.option(
    fc.oneof(
      fc.double({ noNaN: true }),
      fc.integer({ min: -8, max: 8 }).map((i) => i / 4),
      fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -0),
    ),
  ),
  s: fc.option(text),
  ts: fc.option(fc.bigInt({ min: -62_135_596_800_000_000n, max: 253_402_300_799_999_999n - 400n * DAY })),
})
const rows = fc.array(row, { minLength: 1, maxLength: 40 })
const types: Readonly<Record<'id' | keyof Row, ColumnType>> = {
  id: 'integer',
  g: 'text',
  n: 'bigint',
  small: 'bigint',
  x: 'double',
  s: 'text',
  ts: 'timestamp',
}

async function load(given: readonly Row[]): Promise<void> {
  await dropTable(warehouse, 'given')
  await ensureTable(warehouse, {
    table: 'given',
    columns: Object.entries(types).map(([name, type]) => ({ name, type })),
  })
  await warehouse.append(
    'given',
    columnBatch({
      id: { type: 'integer', values: given.map((_, id) => id) },
      g: { type: 'text', values: given.map(({ g }) => g) },
      n: { type: 'bigint', values: given.map(({ n }) => n) },
      small: { type: 'bigint', values: given.map(({ small }) => small) },
      x: { type: 'double', values: given.map(({ x }) => x) },
      s: { type: 'text', values: given.map(({ s }) => s) },
      ts: { type: 'timestamp', values: given.map(({ ts }) => ts) },
    }),
  )
}

/** Each value with what plain TypeScript says of the row, bigints as they are. */
async function agree(
  given: readonly Row[],
  values: readonly (readonly [leaf: Sql, plain: (row: Row) => unknown])[],
): Promise<void> {
  const found = rowsOf(
    await warehouse.read(
      sql`SELECT ${sql.join(values.map(([leaf], index) => sql`${leaf} AS ${sql.id(`v${index}`)}`))} FROM given ORDER BY id`,
    ),
  )
  for (const [index, [, plain]] of values.entries())
    expect(
      found.map((one) => whole(one[`v${index}`])),
      `value ${index}`,
    ).toEqual(given.map((one) => whole(plain(one))))
}

// A whole number comes as a number where it fits; zeros of either sign are equal on every engine.
function whole(value: unknown): unknown {
  return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value
}

const floor = (a: bigint, n: bigint): bigint => (a - (((a % n) + n) % n)) / n
const isNumber = (x: number | null): x is number => x !== null && Number.isFinite(x)
const [g, n, small, x, s, ts] = (['g', 'n', 'small', 'x', 's', 'ts'] as const).map((name) => sql.id(name)) as [
  Sql,
  Sql,
  Sql,
  Sql,
  Sql,
  Sql,
]

it('numbers and texts of a row are what plain arithmetic says', async () => {
  const { leaves } = warehouse
  const edges = [-1e300, -0.5, 0, 0.25, 3]
  const wide = (of: Sql): Sql => sql`${leaves.toWide(of)} * 1000003`
  const key = (...parts: readonly (string | bigint | null)[]): string =>
    parts.map((one) => (one === null ? '~' : `${[...String(one)].length}:${one}`)).join('')
  await fc.assert(
    fc.asyncProperty(rows, fc.bigInt({ min: 1n, max: 2n ** 50n }), async (given, divisor) => {
      await load(given)
      await agree(given, [
        [leaves.floorDivide(n, Number(divisor)), (one) => (one.n === null ? null : floor(one.n, divisor))],
        [leaves.floorDivide(small, 3), (one) => floor(one.small, 3n)],
        [
          sql`CAST(${leaves.wideQuotient(wide(n), wide(small))} AS ${leaves.columnType('bigint')})`,
          (one) => (one.n === null || one.small === 0n ? null : one.n / one.small),
        ],
        [leaves.finite(x), (one) => (isNumber(one.x) ? one.x : null)],
        [leaves.divide(x, small), (one) => (one.x === null || one.small === 0n ? null : one.x / Number(one.small))],
        [leaves.least(n, small), (one) => (one.n === null || one.small < one.n ? one.small : one.n)],
        [leaves.greatest(n, small), (one) => (one.n === null || one.small > one.n ? one.small : one.n)],
        [leaves.leastOrNull(n, small), (one) => (one.n === null || one.n < one.small ? one.n : one.small)],
        [leaves.greatestOrNull(n, small), (one) => (one.n === null || one.n > one.small ? one.n : one.small)],
        [leaves.tryCast(n, 'integer'), (one) => (one.n !== null && BigInt.asIntN(32, one.n) === one.n ? one.n : null)],
        [
          leaves.fitColumn(n, 'integer'),
          (one) => (one.n !== null && BigInt.asIntN(32, one.n) === one.n ? one.n : null),
        ],
        [leaves.fit(n, 'integer'), (one) => (one.n !== null && BigInt.asIntN(32, one.n) === one.n ? one.n : null)],
        [
          leaves.fit(sql`${leaves.toWide(n)} * ${small}`, 'bigint'),
          ({ n: a, small: b }) => (a !== null && BigInt.asIntN(64, a * b) === a * b ? a * b : null),
        ],
        [
          leaves.binIndex(leaves.finite(x), edges),
          (one) => {
            const { x: value } = one
            return isNumber(value) ? edges.filter((edge) => edge < value).length : null
          },
        ],
        [leaves.textLength(s), (one) => (one.s === null ? null : [...one.s].length)],
        [leaves.textKey(s, small), (one) => key(one.s, one.small)],
        [
          leaves.stableHash(g, s),
          (one) => BigInt(`0x${createHash('md5').update(key(one.g, one.s)).digest('hex').slice(0, 15)}`),
        ],
        [leaves.matches(s, String.raw`^[a-c]|\d`), (one) => (one.s === null ? null : /^[a-c]|\d/.test(one.s))],
      ])
    }),
    { numRuns: runsOf(60) },
  )
})

it('times of a row are what the calendar says', async () => {
  const { leaves } = warehouse
  const dateOf = (micros: bigint): Date => new Date(Number(floor(micros, 1000n)))
  const weekDay = (date: Date): number => ((date.getUTCDay() + 6) % 7) + 1
  // The ISO week of a day is that of its Thursday.
  const week = (date: Date): number => {
    const thursday = new Date(date.getTime() + (4 - weekDay(date)) * 86_400_000)
    const first = new Date(0)
    first.setUTCFullYear(thursday.getUTCFullYear(), 0, 1)
    return 1 + Math.floor((thursday.getTime() - first.getTime()) / (7 * 86_400_000))
  }
  const part =
    (of: (date: Date) => number) =>
    ({ ts: micros }: Row): unknown =>
      micros === null ? null : of(dateOf(micros))
  await fc.assert(
    fc.asyncProperty(rows, fc.bigInt({ min: 0n, max: 300n * DAY }), async (given, later) => {
      await load(given)
      await agree(given, [
        [leaves.epochMicros(ts), (one) => one.ts],
        [leaves.epochMicros(leaves.fromEpochMicros(leaves.epochMicros(ts))), (one) => one.ts],
        [leaves.epochMicros(leaves.addMicros(ts, later)), (one) => (one.ts === null ? null : one.ts + later)],
        [
          leaves.epochMicros(leaves.addMicros(ts, sql`small * 1000001`)),
          (one) => (one.ts === null ? null : one.ts + one.small * 1000001n),
        ],
        [leaves.datePart('year', ts), part((date) => date.getUTCFullYear())],
        [leaves.datePart('quarter', ts), part((date) => Math.floor(date.getUTCMonth() / 3) + 1)],
        [leaves.datePart('month', ts), part((date) => date.getUTCMonth() + 1)],
        [leaves.datePart('dayOfMonth', ts), part((date) => date.getUTCDate())],
        [leaves.datePart('isoDayOfWeek', ts), part(weekDay)],
        [leaves.datePart('isoWeek', ts), part(week)],
        [leaves.datePart('hour', ts), part((date) => date.getUTCHours())],
      ])
    }),
    { numRuns: runsOf(60) },
  )
})

const byTime = (given: readonly Row[]) =>
  given
    .map((one, id) => ({ ...one, id }))
    .toSorted((a, b) => (a.ts === b.ts ? a.id - b.id : a.ts === null ? -1 : b.ts === null ? 1 : a.ts < b.ts ? -1 : 1))

it('the newest, oldest and middle values of a group are what sorting says', async () => {
  const { leaves } = warehouse
  const order = [ts, sql.id('id')]
  const quantiles = leaves.quantiles(leaves.finite(x), [0, 0.25, 0.5, 1])
  const columns = [
    sql`g`,
    sql`${leaves.newest(s, order, 'text')} AS newest`,
    sql`${leaves.oldest(n, order, 'bigint')} AS oldest`,
    sql`${leaves.newest(x, order, 'double')} AS newest_x`,
    ...quantiles.map((one, index) => sql`${one} AS ${sql.id(`q${index}`)}`),
  ]
  const ask = sql`SELECT ${sql.join(columns)} FROM given GROUP BY g`
  await fc.assert(
    fc.asyncProperty(rows, async (given) => {
      await load(given)
      const found = new Map(rowsOf(await warehouse.read(ask)).map((one) => [one['g'], one]))
      expect([...found.keys()].toSorted()).toEqual([...new Set(given.map((one) => one.g))].toSorted())
      for (const [group, one] of found) {
        const members = byTime(given).filter((member) => member.g === group)
        expect(one['newest']).toBe(members.findLast((member) => member.s !== null)?.s ?? null)
        expect(whole(one['oldest'])).toBe(members.find((member) => member.n !== null)?.n ?? null)
        expect(whole(one['newest_x'])).toEqual(whole(members.findLast((member) => member.x !== null)?.x ?? null))
        const numbers = members.flatMap((member) => (isNumber(member.x) ? [member.x] : [])).toSorted((a, b) => a - b)
        expect([one['q0'], one['q3']].map((value) => (value === null ? null : Number(value) + 0))).toEqual(
          [numbers[0], numbers.at(-1)].map((value) => (value === undefined ? null : value + 0)),
        )
        for (const [name, p] of [
          ['q1', 0.25],
          ['q2', 0.5],
        ] as const) {
          const place = p * (numbers.length - 1)
          const [low, high] = [numbers[Math.floor(place)], numbers[Math.ceil(place)]]
          // The formula of the interpolation is the engine's: within the two values it lies between.
          if (low === undefined || high === undefined) expect(one[name]).toBeNull()
          else
            expect(
              Number(one[name]) >= low && Number(one[name]) <= high,
              `${name}: ${String(one[name])} between ${low} and ${high}`,
            ).toBe(true)
        }
      }
    }),
    { numRuns: runsOf(60) },
  )
})

it('values of a frame are what looking at its rows says', async () => {
  const { leaves } = warehouse
  const over = sql`PARTITION BY g ORDER BY ts ASC NULLS FIRST, id ASC NULLS LAST ROWS BETWEEN 2 PRECEDING AND CURRENT ROW`
  const ask = sql`SELECT id, ${leaves.lastPresent(s, over)} AS newest, ${leaves.firstPresent(n, over)} AS oldest,
    ${leaves.distinctPresent(small, over)} AS many, ${leaves.distinctPresent(s, over)} AS texts FROM given ORDER BY id`
  await fc.assert(
    fc.asyncProperty(rows, async (given) => {
      await load(given)
      for (const [id, one] of rowsOf(await warehouse.read(ask)).entries()) {
        const members = byTime(given).filter((member) => member.g === given[id]?.g)
        const at = members.findIndex((member) => member.id === id)
        const frame = members.slice(Math.max(0, at - 2), at + 1)
        expect(one['newest']).toBe(frame.findLast((member) => member.s !== null)?.s ?? null)
        expect(whole(one['oldest'])).toBe(frame.find((member) => member.n !== null)?.n ?? null)
        expect([one['many'], one['texts']]).toEqual([
          new Set(frame.map((member) => member.small)).size,
          new Set(frame.flatMap((member) => member.s ?? [])).size,
        ])
      }
    }),
    { numRuns: runsOf(60) },
  )
})

it('an ASOF join gives every left row once with the nearest row', async () => {
  const { leaves } = warehouse
  await fc.assert(
    fc.asyncProperty(
      rows,
      fc.constantFrom('>=' as const, '>' as const, '<=' as const, '<' as const),
      async (given, operator) => {
        await load(given)
        const left = sql`(SELECT id, g, small FROM given WHERE g IS NOT NULL) AS l`
        const right = sql`(SELECT g, MIN(id) AS id, small FROM given WHERE g IS NOT NULL AND id % 2 = 0 GROUP BY g, small) AS r`
        const join = leaves.asofJoin({
          left,
          right,
          on: [[sql.ref('l.g'), sql.ref('r.g')]],
          match: { left: sql.ref('l.small'), operator, right: sql.ref('r.small') },
        })
        const found = rowsOf(
          await warehouse.read(sql`SELECT l.id AS id, r.id AS nearest, r.small AS place FROM ${join} ORDER BY l.id`),
        )
        const matches = {
          '>=': (a: bigint, b: bigint) => a >= b,
          '>': (a: bigint, b: bigint) => a > b,
          '<=': (a: bigint, b: bigint) => a <= b,
          '<': (a: bigint, b: bigint) => a < b,
        }[operator]
        const expected = given.flatMap((one, id) => {
          if (one.g === null) return []
          const candidates = given.flatMap((other, at) =>
            at % 2 === 0 && other.g === one.g && matches(one.small, other.small) ? [{ at, place: other.small }] : [],
          )
          const nearest = candidates.toSorted((a, b) =>
            a.place === b.place
              ? a.at - b.at
              : (operator.startsWith('>') ? a.place > b.place : a.place < b.place)
                ? -1
                : 1,
          )[0]
          return [{ id, nearest: nearest?.at ?? null, place: nearest === undefined ? null : Number(nearest.place) }]
        })
        expect(found).toEqual(expected)
      },
    ),
    { numRuns: runsOf(60) },
  )
})

it('sketches of many values are near what sorting and counting say', async () => {
  const { leaves } = warehouse
  const values = Array.from({ length: 5000 }, (_, i) => (i * 7919) % 5003)
  await load(values.map((value) => ({ g: 'many', ts: null, n: null, small: 0n, s: `s${value % 1000}`, x: value })))
  const levels = [0.01, 0.5, 0.9]
  const quantiles = levels.map((p, i) => sql`${leaves.approximateQuantile(leaves.finite(x), p)} AS ${sql.id(`q${i}`)}`)
  const [found] = rowsOf(
    await warehouse.read(
      sql`SELECT ${sql.join([...quantiles, sql`${leaves.approximateDistinct(s)} AS n`])} FROM given`,
    ),
  )
  for (const [i, p] of levels.entries()) {
    const below = values.filter((value) => value <= Number(found?.[`q${i}`])).length / values.length
    expect(Math.abs(below - p), `share of values up to the ${p} quantile`).toBeLessThan(0.02)
  }
  expect(Math.abs(Number(found?.['n']) / 1000 - 1)).toBeLessThan(0.5)
})
