import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openDuckDb, sql, type Warehouse } from '@martlet/warehouse'
import { measuredColumn } from '../src/count/measured-column.ts'
import { ranksByCells, type ColumnRanks } from '../src/profile/column-ranks.ts'
import { planRanks } from '../src/profile/rank-cells.ts'
import { ranksBySorting } from '../src/profile/sorted-ranks.ts'
import { origins, ROWS, strange } from './strange-columns.ts'
import { double, tableOf, type Columns } from './tables.ts'

describe('the values at the ranks of a column', () => {
  it('are those of sorting it, however strange its numbers are', async () => {
    await using warehouse = await openDuckDb()
    const [cells, sorted] = await bothWays(warehouse, strange)
    for (const [index, name] of Object.keys(strange).entries()) expect(cells[index], name).toEqual(sorted[index])
    expect(cells[0]?.count).toBe(ROWS)
    expect(cells.at(-1)?.at.size).toBeGreaterThan(150)
  })

  it('are those of sorting any doubles', async () => {
    await using warehouse = await openDuckDb()
    const numbers = fc.array(fc.option(fc.oneof(fc.double(), fc.integer(), fc.constantFrom(0, -0, 1, NaN))), {
      minLength: 1,
      maxLength: 400,
      size: 'max',
    })
    await fc.assert(
      fc.asyncProperty(numbers, numbers, async (x, y) => {
        const rows = Math.min(x.length, y.length)
        const columns = { x: double(x.slice(0, rows)), y: double(y.slice(0, rows)) }
        const [cells, sorted] = await bothWays(warehouse, columns)
        expect(cells).toEqual(sorted)
      }),
      { numRuns: 10 },
    )
  })
})

describe('a plan of ranks', () => {
  it('does not depend on cells being apart', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(60), { minLength: 1, maxLength: 200 }), fc.nat(7), (values, overlap) => {
        const ascending = values.toSorted((a, b) => a - b)
        const keyed = values.map((value, row) => ({ value, key: Math.floor((value + (row % (overlap + 1))) / 4) }))
        const cells = [...Map.groupBy(keyed, ({ key }) => key)].map(([key, rows]) => ({
          key,
          rows: rows.length,
          low: Math.min(...rows.map(({ value }) => value)),
          high: Math.max(...rows.map(({ value }) => value)),
        }))
        const wanted = values.map((_, rank) => rank)
        const plan = planRanks(cells, wanted)
        const near = keyed.filter(({ key }) => plan.keys.includes(key)).map(({ value }) => value)
        const read = near.toSorted((a, b) => a - b)
        const found = new Map(plan.known)
        for (const [among, rank] of plan.ranks) found.set(rank, read[among] ?? Number.NaN)
        expect(wanted.map((rank) => found.get(rank))).toEqual(ascending)
        expect(near).toHaveLength(plan.rows)
      }),
    )
  })
})

async function bothWays(
  warehouse: Warehouse,
  columns: Columns,
): Promise<readonly [readonly ColumnRanks[], readonly ColumnRanks[]]> {
  const table = await tableOf(warehouse, columns)
  const values = Object.entries(columns).map(
    ([name, { type }]) => measuredColumn(warehouse.leaves, type, sql.id(name), origins[name] ?? null).value,
  )
  return [
    (await ranksByCells(warehouse, table, values)).map(plain),
    (await ranksBySorting(warehouse, table, values)).map(plain),
  ]
}

/** Both zeros are one number. */
function plain({ count, minimum, maximum, at }: ColumnRanks): ColumnRanks {
  const zero = (value: number | null): number | null => (value === 0 ? 0 : value)
  const entries = [...at].toSorted(([a], [b]) => a - b).map(([rank, value]) => [rank, value === 0 ? 0 : value] as const)
  return { count, minimum: zero(minimum), maximum: zero(maximum), at: new Map(entries) }
}
