import fc from 'fast-check'
import type { Warehouse } from '@martlet/warehouse'
import { beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { openTestWarehouse, runsOf } from '../../../warehouse/test/support/engine.ts'
import { toMicros } from '../../src/catalog/instant.ts'
import { featureView } from '../../src/define/feature-view.ts'
import { decimal } from '../../src/define/sources/decimal.ts'
import { dimension } from '../../src/define/sources/dimension.ts'
import { entity } from '../../src/define/sources/entity.ts'
import { fact } from '../../src/define/sources/fact.ts'
import { checkView } from '../../src/quality/check-view.ts'
import { fillTable, type TextRow } from './filled-table.ts'

const owner = entity('owner', { owner_id: z.string() })
const named = owner.from({ owner_id: "owner's id" })
const owners = dimension('mart.owners', {
  columns: { "owner's id": z.string(), code: z.int(), since: z.date(), until: z.date().nullable() },
  entity: named,
  validFrom: 'since',
  validTo: 'until',
})
const jobs = fact('mart.jobs', {
  columns: {
    "owner's id": z.string().nullable(),
    job: z.int().nullable(),
    code: z.number().nullable(),
    at: z.date(),
    kg: z.number().nullable(),
    most: decimal(10, 2).nullable(),
  },
  entities: [named],
  eventTime: 'at',
  checks: (c) => ({
    one_job: c.unique('job'),
    one_of_owner: c.unique(["owner's id", 'job']),
    owner_exists: c.relationship(owners, { "owner's id": "owner's id" }),
    owner_and_code: c.relationship(owners, { "owner's id": "owner's id", code: 'code' }),
    owner_valid: c.relationship(owners, { "owner's id": "owner's id" }, { asOf: 'at' }),
    kept: c.rows((r) => r.kg.le(r.most)),
    heavy: c.aggregate((f) => f.share((r) => r.kg.gt(r.most)), { atMost: 0.25 }),
    total: c.aggregate((f) => f.sum('most'), { atLeast: 0 }),
    mean: c.aggregate((f) => f.mean('kg'), { between: [-1, 1] }),
    least: c.aggregate((f) => f.min('kg'), { atLeast: -1 }),
    greatest: c.aggregate((f) => f.max((r) => r.kg.mul(2)), { atMost: 2 }),
    codes: c.aggregate((f) => f.distinct('code'), { atMost: 2 }),
    rows: c.aggregate((f) => f.count(), { between: [2, 6] }),
  }),
})
const view = featureView('of_jobs', {
  of: owner,
  from: jobs,
  every: '1d',
  features: (f) => ({ jobs: f.count().over('1d') }),
})
const JOBS = {
  "owner's id": 'text',
  job: 'bigint',
  code: 'double',
  at: 'timestamp',
  kg: 'double',
  most: { decimal: [10, 2] },
} as const
const OWNERS = { "owner's id": 'text', code: 'bigint', since: 'timestamp', until: 'timestamp' } as const

const KEYS = ["o'c", 'ö', 'O"c']
const maybe = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(one, { freq: 6 })
const hour = fc.integer({ min: 0, max: 23 })
const job = fc.record({
  owner: maybe(fc.constantFrom(...KEYS)),
  job: maybe(fc.constantFrom('9007199254740993', '9007199254740992', '-1', '2', '3', '4', '5')),
  code: maybe(fc.constantFrom('1', '2', '2.5', 'NaN')),
  at: maybe(hour),
  // Sums of quarters are exact in any order.
  kg: maybe(fc.constantFrom('-2', '-0.25', '0', '0.5', '1.25', 'NaN')),
  most: maybe(fc.constantFrom('-3.00', '0.50', '1.25', '99999999.99')),
})
const period = fc.record({
  owner: fc.constantFrom(...KEYS.slice(0, 2)),
  code: fc.constantFrom('1', '2'),
  since: hour,
  until: fc.option(hour),
})
type Job = typeof job extends fc.Arbitrary<infer T> ? T : never
type Period = typeof period extends fc.Arbitrary<infer T> ? T : never

const DAY = '2024-01-01'
const time = (at: number | null): string | null => (at === null ? null : `${DAY} ${String(at).padStart(2, '0')}:00:00`)
const micros = (at: number | null): bigint | null => (at === null ? null : toMicros(DAY) + BigInt(at) * 3_600_000_000n)
const finite = (text: string | null): number | null => (text === null || text === 'NaN' ? null : Number(text))

/** For each check how many rows fail of how many: by loops over rows, and decimals in hundredths. */
function naive(all: readonly Job[], periods: readonly Period[], from: number | null, to: number | null): object {
  const inside = (one: Job): boolean =>
    (from === null && to === null) || (one.at !== null && one.at >= (from ?? 0) && one.at < (to ?? 24))
  const rows = all.filter(inside)
  const duplicates = (key: (one: Job) => string | null): readonly [number, number] => {
    const looked = rows.filter((one) => key(one) !== null)
    // Of a value that is there k times, k - 1 rows are too many; the rows before the range came first.
    const surplus = [...new Set(looked.map(key))].map((value) => {
      const [copies, within] = [all, looked].map((list) => list.filter((one) => key(one) === value).length)
      return Math.min(within ?? 0, (copies ?? 0) - 1)
    })
    return [surplus.reduce((sum, one) => sum + one, 0), looked.length]
  }
  const orphans = (looked: readonly Job[], refers: (one: Job, to: Period) => boolean): readonly [number, number] => [
    looked.filter((one) => !periods.some((period) => refers(one, period))).length,
    looked.length,
  ]
  const owned = rows.filter((one) => one.owner !== null)
  const heavier = ({ kg, most }: Job): boolean | null => {
    const [x, y] = [finite(kg), finite(most)]
    return x === null || y === null ? null : x > y
  }
  const known = rows.flatMap((one) => heavier(one) ?? [])
  const heavy = known.filter(Boolean).length
  const weights = rows.flatMap(({ kg }) => finite(kg) ?? [])
  const cents = rows.reduce((sum, { most }) => sum + BigInt((most ?? '0').replace('.', '')), 0n)
  const outside = (is: boolean): readonly [number, number] => [is ? 1 : 0, rows.length]
  const mean = weights.reduce((sum, kg) => sum + kg, 0) / weights.length
  return {
    kept: [heavy, rows.length],
    heavy: outside(known.length > 0 && heavy / known.length > 0.25),
    total: outside(cents < 0n),
    mean: outside(mean < -1 || mean > 1),
    least: outside(weights.some((kg) => kg < -1)),
    greatest: outside(weights.some((kg) => kg * 2 > 2)),
    codes: outside(new Set(rows.flatMap(({ code }) => finite(code) ?? [])).size > 2),
    rows: outside(rows.length < 2 || rows.length > 6),
    one_job: duplicates((one) => one.job),
    one_of_owner: duplicates((one) => (one.job === null || one.owner === null ? null : `${one.owner} ${one.job}`)),
    owner_exists: orphans(owned, (one, { owner: other }) => one.owner === other),
    owner_and_code: orphans(
      owned.filter(({ code }) => finite(code) !== null),
      (one, other) => one.owner === other.owner && Number(one.code) === Number(other.code),
    ),
    owner_valid: orphans(
      owned.filter(({ at }) => at !== null),
      ({ owner: name, at }, other) =>
        name === other.owner && other.since <= (at ?? 0) && (other.until === null || other.until > (at ?? 0)),
    ),
  }
}

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openTestWarehouse()
  return () => warehouse.close()
})

test('counts are those of a plain computation', async () => {
  const bound = fc.option(hour)
  const jobRow = ({ owner: id, at, ...rest }: Job): TextRow => ({ ...rest, "owner's id": id, at: time(at) })
  await fc.assert(
    fc.asyncProperty(
      fc.array(job, { maxLength: 12 }),
      fc.array(period, { maxLength: 5 }),
      bound,
      bound,
      async (rows, periods, from, to) => {
        await fillTable(warehouse, 'mart.jobs', JOBS, rows.map(jobRow))
        const of = periods.map(({ owner: id, code, since, until }) => ({
          "owner's id": id,
          code,
          since: time(since),
          until: time(until),
        }))
        await fillTable(warehouse, 'mart.owners', OWNERS, of)
        const range = { from: micros(from), to: micros(to), now: toMicros('2024-01-02') }
        const { results } = await checkView(warehouse, view, range)
        const counts = results
          .filter(({ declared }) => declared !== undefined)
          .map(({ check, count, total }) => [check, [count, total]] as const)
        expect(Object.fromEntries(counts)).toEqual(naive(rows, periods, from, to))
      },
    ),
    { numRuns: runsOf(60) },
  )
})
