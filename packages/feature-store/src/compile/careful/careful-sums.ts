import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import type { CarefulWindow } from '../../vocabulary/algebra/careful-window.ts'
import type { ViewValues } from '../strategy.ts'

/**
 * How often the largest values are taken out of a sum exactly. One level takes about 45 bits, so values of one magnitude
 * take two: there may be two magnitudes that cancel each other far beyond the values that are left.
 */
const LEVELS = 5
/** Values beyond 2^900 are summed in units of 2^200, so that nothing on the way overflows. */
const HUGE = sql`POWER(CAST(2 AS DOUBLE), 900)`
const HUGE_UNIT = sql`POWER(CAST(2 AS DOUBLE), 200)`

const window = sql`PARTITION BY e, t, k`

/**
 * `(e, t, k, columns of a careful window)` of rows `(e, t, k, x, y)`.
 *
 * Sums: each level splits every value into a multiple of a unit and a rest, where the unit is so large that the
 * multiples sum without any rounding, and so small that the rest is tiny beside the largest value; the rest goes to the
 * next level, whose unit follows from what is left (Rump, Ogita and Oishi, Accurate floating-point summation, 2008).
 * Deviations: measured from the mean, then from one another, so that neither the mean's rounding nor the size of the
 * values matters.
 */
export function carefulSums(leaves: Leaves, prefix: string, rows: Sql): ViewValues {
  const sized = sql`
    SELECT r.*, COUNT(*) OVER (${window}) AS n, ${unitFor(sql`x`)} AS x_unit, ${unitFor(sql`y`)} AS y_unit
    FROM (${rows}) r
  `
  const values = sql.id(`${prefix}_values`)
  const scaled = sql`SELECT e, t, k, n, x_unit, y_unit, x / x_unit AS x, y / y_unit AS y FROM (${sized}) sized`
  const sums = sql.id(`${prefix}_sums`)
  return {
    tables: [
      { name: values, rows: scaled },
      { name: sums, rows: totals(values) },
    ],
    values: deviations(leaves, values, sums),
  }
}

/** Sums without rounding, and what deviations are measured from. */
function totals(values: Sql): Sql {
  let split = sql`SELECT scaled.*, x AS rest0 FROM ${values} scaled`
  for (let level = 0; level < LEVELS; level++) split = taken(split, level)
  const parts = [...Array.from({ length: LEVELS }, (_, level) => sql.id(`part${level}`)), rest(LEVELS)]
  const total = sql.join(
    parts.map((part) => sql`SUM(${part})`),
    sql` + `,
  )
  return sql`
    SELECT e, t, k, n, x_unit, y_unit, ${total} AS total,
      MIN(x) AS least_x, MAX(x) AS greatest_x, MIN(y) AS least_y, MAX(y) AS greatest_y, AVG(y) AS mean_y
    FROM (${split}) split
    GROUP BY e, t, k, n, x_unit, y_unit
  `
}

function deviations(leaves: Leaves, values: Sql, sums: Sql): Sql {
  const away = sql`
    SELECT s.*, r.x - s.total / s.n AS dx, r.y - s.mean_y AS dy
    FROM ${sums} s
    JOIN ${values} r ON r.e = s.e AND r.t = s.t AND r.k = s.k
  `
  const reached = sql`
    SELECT away.*,
      CASE WHEN least_x < greatest_x THEN MAX(ABS(dx)) OVER (${window}) ELSE 0 END AS reach_x,
      CASE WHEN least_y < greatest_y THEN MAX(ABS(dy)) OVER (${window}) ELSE 0 END AS reach_y
    FROM (${away}) away
  `
  const parts = sql`
    SELECT reached.*, dx / NULLIF(reach_x, 0) AS a, dy / NULLIF(reach_y, 0) AS b
    FROM (${reached}) reached
  `
  const columns = Object.entries({
    count: sql`n`,
    sum: sql`total * x_unit`,
    reach: sql`reach_x * x_unit`,
    spread: sql`SUM(a * a) - SUM(a) * SUM(a) / n`,
    otherReach: sql`reach_y * y_unit`,
    otherSpread: sql`SUM(b * b) - SUM(b) * SUM(b) / n`,
    products: sql`SUM(a * b) - SUM(a) * SUM(b) / n`,
  } satisfies CarefulWindow).map(([name, value]) => sql`${leaves.toDouble(value)} AS ${carefulColumn(name)}`)
  return sql`
    SELECT ${sql.join([sql`e`, sql`t`, sql`k`, ...columns])}
    FROM (${parts}) parts
    GROUP BY e, t, k, n, total, x_unit, y_unit, reach_x, reach_y
  `
}

/** The columns of {@link carefulSums}. */
export const carefulWindow: CarefulWindow = {
  count: carefulColumn('count'),
  sum: carefulColumn('sum'),
  reach: carefulColumn('reach'),
  spread: carefulColumn('spread'),
  otherReach: carefulColumn('otherReach'),
  otherSpread: carefulColumn('otherSpread'),
  products: carefulColumn('products'),
}

function carefulColumn(name: string): Sql {
  return sql.id(`careful_${name.toLowerCase()}`)
}

function unitFor(value: Sql): Sql {
  return sql`CASE WHEN MAX(ABS(${value})) OVER (${window}) > ${HUGE} THEN ${HUGE_UNIT} ELSE CAST(1 AS DOUBLE) END`
}

/** Takes out of every rest the multiple of this level's unit. */
function taken(rows: Sql, level: number): Sql {
  const power = (value: Sql): Sql => sql`FLOOR(LN(${value}) / LN(CAST(2 AS DOUBLE)))`
  const largest = sql`SELECT r.*, MAX(ABS(${rest(level)})) OVER (${window}) AS largest FROM (${rows}) r`
  // Adding and subtracting `above` rounds to a multiple of its last bit: 2^53 of these are more than the sum can reach.
  const above = sql`
    CASE
      WHEN largest > 0 THEN POWER(CAST(2 AS DOUBLE), ${power(sql`largest`)} + ${power(sql`n + 2`)} + 3)
      ELSE CAST(0 AS DOUBLE) END
  `
  const limited = sql`SELECT r.*, ${above} AS above FROM (${largest}) r`
  const part = sql`((above + ${rest(level)}) - above)`
  const kept = ['e', 't', 'k', 'n', 'x_unit', 'y_unit', 'x', 'y'].map((name) => sql.id(name))
  const earlier = Array.from({ length: level }, (_, i) => sql.id(`part${i}`))
  const own = [sql`${part} AS ${sql.id(`part${level}`)}`, sql`${rest(level)} - ${part} AS ${rest(level + 1)}`]
  return sql`SELECT ${sql.join([...kept, ...earlier, ...own])} FROM (${limited}) r`
}

function rest(level: number): Sql {
  return sql.id(`rest${level}`)
}
