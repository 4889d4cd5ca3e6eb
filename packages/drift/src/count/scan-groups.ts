import { sql, type ColumnType, type Sql, type Warehouse } from '@martlet/warehouse'
import type { GroupMoments } from '../statistics/design-effect.ts'
import { countedEdges } from './counted-edges.ts'
import { measuredColumn } from './measured-column.ts'
import { numbersOf } from './numbers-of.ts'
import { categoryText } from './scan-categories.ts'
import type { OpenSource, SourceWeight } from './scan-source.ts'

/** A column whose cells are counted group by group: a number column on some edges, a category column on its first values. */
export interface CellScan {
  readonly type: ColumnType
  /** The number of cells of values; null and non-finite rows have the two cells after them. */
  readonly cells: number
  /** The cell of a row: from 0 on, −1 for null, −2 for a number that is not finite. */
  readonly cell: (warehouse: Warehouse) => { readonly value: readonly Sql[]; readonly cell: Sql }
}

/** The rows that are alike: those with the same key, and at coarser levels those of so many neighbouring keys. */
export interface Grouping {
  /** A whole number. */
  readonly key: Sql
  /** Rows of which groups are looked at; all unless given. */
  readonly where?: Sql
  readonly levels: readonly number[]
}

/** Columns per statement. */
const COLUMNS_PER_SCAN = 16

/**
 * Sums of products of counts over groups: `result[level][column][window]`. Rows are read once; only a few sums per column leave
 * the warehouse.
 */
export async function scanGroups(
  warehouse: Warehouse,
  source: OpenSource,
  columns: readonly CellScan[],
  grouping: Grouping,
): Promise<readonly (readonly (readonly GroupMoments[])[])[]> {
  const found = grouping.levels.map(() =>
    columns.map(({ cells }) => Array.from({ length: source.windows }, () => emptyMoments(cells + 2))),
  )
  for (let start = 0; start < columns.length; start += COLUMNS_PER_SCAN) {
    const some = columns.slice(start, start + COLUMNS_PER_SCAN)
    const batch = await warehouse.read(groupScanSql(warehouse, source, some, grouping))
    const [level = [], column = [], number = [], left = [], right = [], product = [], count = []] =
      batch.columns.map(numbersOf)
    for (let row = 0; row < batch.rows; row += 1) {
      const at = start + (column[row] ?? 0)
      const moments = found[level[row] ?? 0]?.[at]?.[source.indexOf(number[row] ?? -1) ?? -1]
      const cells = columns[at]?.cells ?? 0
      if (moments === undefined) continue
      const place = (cell: number): number => (cell >= 0 ? cell : cells - 1 - cell)
      const [k, l] = [place(left[row] ?? 0), place(right[row] ?? 0)]
      const scale = momentScale(source, source.indexOf(number[row] ?? -1) ?? -1)
      for (const [a, b] of [
        [k, l],
        [l, k],
      ] as const) {
        const line = moments.products[a]
        if (line !== undefined) line[b] = (product[row] ?? 0) * scale * scale
      }
      if (k === l) moments.counts[k] = (count[row] ?? 0) * scale
    }
  }
  return found
}

/** The statement of {@link scanGroups}: rows of (level, column, window, cell, cell, Σ product, rows of the cell). */
export function groupScanSql(
  warehouse: Warehouse,
  source: OpenSource,
  columns: readonly CellScan[],
  { key, where = sql`1 = 1`, levels }: Grouping,
): Sql {
  const { leaves } = warehouse
  const branches = columns.map((column, index) => {
    const { value, cell } = column.cell(warehouse)
    const { weight } = source
    const rows = source.select([
      sql`${key} AS g`,
      sql`CASE WHEN ${where} THEN 1 ELSE 0 END AS chosen`,
      ...value,
      ...(weight === undefined ? [] : [sql`${coarseWeight(warehouse, weight)} AS u`]),
    ])
    const weighed = weight === undefined ? sql`` : sql`, u`
    const celled = sql`SELECT w, g, ${cell} AS b${weighed} FROM (${rows}) AS measured_rows WHERE chosen = 1 AND g IS NOT NULL`
    return sql`
      SELECT ${sql.raw(String(index))} AS c, w, g, b, ${weight === undefined ? sql`COUNT(*)` : sql`SUM(u)`} AS n
      FROM (${celled}) AS celled_rows
      GROUP BY w, g, b
    `
  })
  const tables = levels.map((level, index) => {
    const group = level === 1 ? sql`g` : leaves.floorDivide(sql`g`, level)
    return sql`
      ${sql.raw(`level${index}`)} AS (
        SELECT c, w, ${group} AS h, b, SUM(n) AS n
        FROM cell_counts
        GROUP BY c, w, ${group}, b
      )
    `
  })
  const sums = levels.map((_, index) => {
    const table = sql.raw(`level${index}`)
    return sql`
      SELECT ${sql.raw(String(index))} AS l, a.c AS c, a.w AS w, a.b AS i, z.b AS j,
        ${leaves.toDouble(sql`SUM(a.n * z.n)`)} AS s, ${leaves.toDouble(sql`SUM(a.n)`)} AS n
      FROM ${table} AS a JOIN ${table} AS z ON a.c = z.c AND a.w = z.w AND a.h = z.h AND a.b <= z.b
      GROUP BY a.c, a.w, a.b, z.b
    `
  })
  return sql`
    SELECT * FROM (
      WITH cell_counts AS (${sql.join(branches, sql` UNION ALL `)}), ${sql.join(tables)}
      ${sql.join(sums, sql` UNION ALL `)}
    ) AS group_sums
  `
}

/**
 * What squares of weights are made of, so that sums of them fit whole numbers of 38 digits: 30 bits of the largest weight. A row
 * of less is nothing beside it.
 */
const COARSE = 2 ** 22

/** A row's weight in {@link COARSE} units. */
export function coarseWeight({ leaves }: Warehouse, { column }: SourceWeight): Sql {
  return leaves.floorDivide(column, COARSE)
}

/** What sums of {@link coarseWeight} are multiplied by in a window, so that its rows weigh 1 on average. */
export function momentScale({ weight }: OpenSource, window: number): number {
  return weight === undefined ? 1 : weight.scaleOf(window) * COARSE
}

/** Moments to add to. */
export interface Moments extends GroupMoments {
  readonly counts: number[]
  readonly products: number[][]
}

export function emptyMoments(cells: number): Moments {
  return {
    counts: Array.from({ length: cells }, () => 0),
    products: Array.from({ length: cells }, () => Array.from({ length: cells }, () => 0)),
  }
}

/** A number column's cells between some of its edges. */
export function numberCells(
  column: { readonly name: string; readonly type: ColumnType; readonly origin: string | null },
  edges: readonly number[],
  among: readonly number[],
): CellScan {
  const all = countedEdges(among)
  const counted = edges.map((edge) => all[among.indexOf(edge)] ?? edge)
  return {
    type: column.type,
    cells: edges.length + 1,
    cell: ({ leaves }) => {
      const measured = measuredColumn(leaves, column.type, sql.id(column.name), column.origin)
      const missing = sql`CASE WHEN x IS NULL THEN -1 ELSE -2 END`
      return {
        value: [sql`${measured.raw} AS x`, sql`${measured.value} AS v`],
        cell: sql`CASE WHEN v IS NULL THEN ${missing} ELSE ${leaves.binIndex(sql.raw('v'), counted)} END`,
      }
    },
  }
}

/** A category column's cells: some values, then all others. */
export function categoryCellScan(
  column: { readonly name: string; readonly type: ColumnType },
  values: readonly string[],
): CellScan {
  return {
    type: column.type,
    cells: values.length + 1,
    cell: (warehouse) => {
      const cases = values.map((value, index) => sql`WHEN v = ${value} THEN ${sql.raw(String(index))}`)
      return {
        value: [sql`${categoryText(warehouse, column.name, column.type)} AS v`],
        cell: sql`CASE WHEN v IS NULL THEN -1 ${sql.join(cases, sql` `)} ELSE ${sql.raw(String(values.length))} END`,
      }
    },
  }
}

/** Whether an expression is null. */
export function presenceCells(expression: Sql): CellScan {
  return {
    type: 'integer',
    cells: 1,
    cell: () => ({ value: [sql`${expression} AS v`], cell: sql`CASE WHEN v IS NULL THEN -1 ELSE 0 END` }),
  }
}
