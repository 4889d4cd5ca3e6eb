import { openDuckDb } from '@martlet/warehouse'
import fc from 'fast-check'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { binEdges, binOf, EDGE_LEVELS, justBelow } from '../src/count/bin-edges.ts'
import { countedEdges, pointsOf } from '../src/count/counted-edges.ts'
import { columnNamed, spelledAs } from '../src/count/spelling.ts'
import { profileReference, runDrift } from '../src/index.ts'
import { quantile } from '../src/profile/profile-arrays.ts'
import { columnObstacle, schemaChanges } from '../src/verdict/findings/schema-changes.ts'
import { columnResult, metricOf, now } from './tables.ts'

const finite = fc.double({ noNaN: true, noDefaultInfinity: true })
const edgesOf = (values: readonly number[]): readonly number[] => {
  const sorted = Float64Array.from(values).sort()
  return binEdges(EDGE_LEVELS.map((level) => quantile(sorted, level))).edges
}

it('edges move by rounding only: up, down below a value of its own, a third of the way at most', () => {
  const tiny = 2 ** -24
  expect(countedEdges([])).toEqual([])
  expect(countedEdges([0.5])).toEqual([0.5 + 0.5 * tiny])
  expect(countedEdges([justBelow(0.5), 0.5])).toEqual([justBelow(0.5) - 0.5 * tiny, 0.5 + 0.5 * tiny])
  expect(countedEdges([2 ** 40])).toEqual([2 ** 40 + 0.25])
  expect(countedEdges([2 ** 40 + 0.5, 2 ** 40 + 0.8])[0]).toBeCloseTo(2 ** 40 + 0.6, 3)
  // An edge at 0 moves by what sums of the column's numbers leave behind, an outlier apart.
  expect(countedEdges([-1e30, 0, 8, 1e30])[1]).toBe(8 * 2 ** -45)
  expect(pointsOf([1.5, justBelow(2.5), 2.5, 4])).toEqual([
    { above: justBelow(2.5) - 2.5 * tiny, upTo: 2.5 + 2.5 * tiny, value: 2.5 },
  ])
})

it('they ascend, are finite, and leave every edge in the bin it had, whatever the values', () => {
  const odd = fc.constantFrom(
    0,
    0.3,
    0.1 + 0.2,
    Math.fround(0.3),
    Number.MAX_VALUE,
    -Number.MAX_VALUE,
    Number.MIN_VALUE,
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(finite, fc.integer(), odd), { minLength: 1, maxLength: 300 }), (values) => {
      const edges = edgesOf(values)
      const counted = countedEdges(edges)
      expect(counted.every(Number.isFinite)).toBe(true)
      for (let i = 1; i < counted.length; i += 1) expect(counted[i - 1]).toBeLessThan(counted[i] ?? -Infinity)
      for (const [i, edge] of edges.entries()) expect([i, i + 1]).toContain(binOf(edge, counted))
      for (const { above, upTo, value } of pointsOf(edges)) expect(above < value && value <= upTo).toBe(true)
    }),
  )
})

it('a number that was cast to FLOAT stays in its bin where its neighbours are further away than rounding', () => {
  let [asked, compared] = [0, 0]
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: -1_000_000, max: 1_000_000 }), { minLength: 2, maxLength: 60 }),
      (whole) => {
        const values = whole.map((value) => value / 1000 + 0.0001)
        const edges = edgesOf(values.flatMap((value) => [value, value, value]))
        const counted = countedEdges(edges)
        // A neighbour may also be a quantile that lies between two values, as near to one of them as it happens to be.
        const isFree = (value: number): boolean =>
          edges
            .map((edge) => Math.abs(edge - value) / Math.abs(value))
            .every((away) => away < 1e-15 || away >= 3 * 2 ** -24)
        const free = values.filter(isFree)
        for (const value of free) expect(binOf(Math.fround(value), counted)).toBe(binOf(value, counted))
        asked += values.length
        compared += free.length
      },
    ),
  )
  expect(compared).toBeGreaterThan(asked / 2)
})

it('a FLOAT column does not differ from the DOUBLE it was cast from', async () => {
  await using warehouse = await openDuckDb()
  const values = sql`SELECT CASE WHEN i % 3 = 0 THEN 0.3 WHEN i % 3 = 1 THEN 0.7 ELSE i / 1000.0 END AS v FROM range(3000) AS t(i)`
  const as = (type: string) => sql`SELECT CAST(v AS ${sql.raw(type)}) AS x FROM (${values}) AS s`
  for (const [then, since] of [
    ['DOUBLE', 'FLOAT'],
    ['FLOAT', 'DOUBLE'],
  ] as const) {
    const profile = await profileReference(warehouse, {
      name: 'p',
      relation: as(then),
      columns: [{ name: 'x', type: 'double' }],
      now,
    })
    const result = await runDrift({ warehouse, profile, current: { relation: as(since) }, now, record: false })
    expect(metricOf(columnResult(result, 'x'), 'psi').value).toBeLessThan(1e-6)
    expect(metricOf(columnResult(result, 'x'), 'ks').value).toBe(0)
  }
})

it('of names that differ in case the exact one is meant, else the only one', async () => {
  const columns = [
    { name: 'KWH', type: 'double' },
    { name: 'kwh', type: 'double' },
    { name: 'Day', type: 'date' },
  ] as const
  expect(columnNamed(columns, 'kwh')).toBe(columns[1])
  expect(columnNamed(columns, 'KWH')).toBe(columns[0])
  expect(columnNamed(columns, 'Kwh')).toBeUndefined()
  expect(columnNamed(columns, 'DAY')).toBe(columns[2])
  expect(columnNamed(columns, 'days')).toBeUndefined()
  const duckdb = await openDuckDb()
  const printed = ({ relation }: ReturnType<typeof spelledAs>): string =>
    typeof relation === 'string' ? relation : duckdb.compile(relation).sql
  expect(spelledAs({ relation: 't', columns }, ['KWH', 'kwh', 'Day']).relation).toBe('t')
  expect(printed(spelledAs({ relation: 't', columns }, ['Kwh', 'DAY']))).toBe(
    'SELECT "KWH", "kwh", "Day" AS "DAY" FROM "t"',
  )
  // The other spelling is not renamed away from under a column that has it.
  expect(printed(spelledAs({ relation: 't', columns: columns.slice(1) }, ['KWH', 'kwh']))).toBe('t')
  await duckdb.close()
})

it('a column that exists in two spellings, neither of them exact, is missing, and the finding gives the reason', () => {
  const columns = [
    { name: 'KWH', type: 'double' },
    { name: 'kwh', type: 'double' },
  ] as const
  const profile = { kind: 'time', name: 'Kwh', type: 'timestamp', role: 'feature', importance: 1, nulls: 0 } as const
  expect(columnObstacle(profile, columns)).toBe('missing')
  expect(schemaChanges([profile], columns, ['KWH', 'kwh']).map(({ sentence }) => sentence)).toEqual([
    'Column Kwh is missing. KWH and kwh differ from it in case only, so it is not clear which is meant.',
  ])
})
