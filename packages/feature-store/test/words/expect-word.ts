import process from 'node:process'
import type { Warehouse } from '@martlet/warehouse'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestWarehouse, testEngine, viewsOf } from '../../../warehouse/test/support/engine.ts'
import type { AnyFeatureView } from '../../src/index.ts'
import type { Range } from '../oracle/exact/every-plan.ts'
import { mismatchesOf, type TableRows } from '../oracle/exact/mismatches.ts'
import type { Row } from '../oracle/row.ts'

/** So many marts are asked for a view at once; each has meters of its own. On the double every row costs more. */
const MARTS_A_VIEW = testEngine === 'duckdb' ? 67 : 20

/** The rows of one mart, by table. Columns that hold meters are named in `meters`. */
export type Mart = Readonly<Record<string, readonly Row[]>>

export interface Word {
  /** What the tables of a mart look like. */
  readonly tables: Readonly<Record<string, TableRows['types']>>
  /** The columns of those tables that name a meter; rows of different marts get different meters. */
  readonly meters: readonly string[]
  readonly marts: fc.Arbitrary<Mart>
  readonly views: fc.Arbitrary<AnyFeatureView>
  /** At least so many marts are asked for a view at once, instead of the usual number. */
  readonly together?: number
  /** The feature times that are compared. */
  readonly range: Range
}

/**
 * Random marts, whose every row by every plan must be what the oracle says: rows, training sets, stored moments, feature
 * tables and online. The view's entity has one key, `meter`.
 */
export function expectWord(name: string, word: Word, marts = 200): void {
  const { views, together } = viewsOf(marts, word.together ?? MARTS_A_VIEW)
  let warehouse: Warehouse
  beforeAll(async () => {
    warehouse = await openTestWarehouse()
  })
  afterAll(() => warehouse.close())
  test(
    `${name}: facts, tables and online say what brute force says of ${views * together} marts`,
    { timeout: 600_000 },
    async () => {
      const batch = fc.array(word.marts, { minLength: together, maxLength: together })
      await fc.assert(
        fc.asyncProperty(batch, word.views, async (given, view) => {
          const { tables, meters } = oneSet(word, given)
          const found = await mismatchesOf(warehouse, view, tables, meters, word.range)
          expect(found.map(({ plan, text }) => `${plan}: ${text}`)).toEqual([])
        }),
        { numRuns: views, endOnFailure: process.env['MARTLET_SHRINK'] !== '1' },
      )
    },
  )
}

/** One set of tables with the rows of all marts. */
function oneSet(
  { tables, meters }: Word,
  marts: readonly Mart[],
): { readonly tables: Readonly<Record<string, TableRows>>; readonly meters: readonly string[] } {
  const named = new Set<string>()
  const inMart = (row: Row, mart: number): Row => {
    const own: Record<string, Row[string]> = { ...row }
    for (const column of meters) {
      const meter = row[column]
      if (typeof meter !== 'string') continue
      own[column] = `${mart}.${meter}`
      named.add(`${mart}.${meter}`)
    }
    return own
  }
  const rows = (table: string): readonly Row[] =>
    marts.flatMap((mart, i) => (mart[table] ?? []).map((row) => inMart(row, i)))
  return {
    tables: Object.fromEntries(Object.entries(tables).map(([name, types]) => [name, { types, rows: rows(name) }])),
    meters: [...named],
  }
}
