import {
  rowsOf,
  sql,
  tableRef,
  temporaryTableName,
  type ColumnType,
  type Sql,
  type Warehouse,
} from '@martlet/warehouse'
import { insteadOf } from './output-columns.ts'
import { invalid, REFERENCE, type PredictedRows } from './predicted-rows.ts'
import type { LabelledRows } from './labelled-rows.ts'
import type { Clustering } from './truth-result.ts'
import type { TruthTask } from './truth-metric.ts'
import type { TruthRequest } from './truth-request.ts'

const DAY = 86_400_000_000
/** With fewer entities, days are what is independent. */
const FEWEST_ENTITIES = 20

/** What a window has, by its number. */
export interface Counted {
  readonly side: number
  readonly w: number
  readonly predictions: number
  readonly matured: number
  readonly labelled: number
  readonly missing: number
  /** Matured ones with a label whose prediction should be a chance and lies outside 0 to 1. */
  readonly outside: number
  /** The lowest and the highest of those. */
  readonly outermost: readonly [low: number, high: number] | null
  /** The newest time of a prediction, µs. */
  readonly newest: number
}

/** Labelled predictions in a temporary table. */
export interface TruthPairs {
  readonly task: TruthTask
  readonly counted: readonly Counted[]
  readonly clusteredBy: Clustering
  /**
   * `side, w, dim, g, c, y, p` (side 0 the model, 1 the baseline, 2 the model on rows that the baseline has, where it has not
   * all): all rows once as dimension 0, and once for each segment column, if they are in one of its frequent segments.
   */
  readonly rows: Sql
  /** Rows of dimension 0. */
  readonly all: Sql
  /** Whether there is a yardstick. */
  readonly hasReference: boolean
  readonly tables: readonly string[]
}

/**
 * Puts the labelled predictions whose labels are known into a temporary table of the session, as numbers.
 *
 * @throws MartletError TRUTH_INVALID when predictions or labels are not what the task needs
 */
export async function truthPairs(
  session: Warehouse,
  request: TruthRequest,
  labelled: LabelledRows,
  predicted: Pick<PredictedRows, 'keys' | 'type' | 'outputs' | 'baselineType'>,
  { now, minimumRows, most }: { readonly now: Date; readonly minimumRows: number; readonly most: number },
): Promise<TruthPairs> {
  const { leaves } = session
  const { segments = [], baseline } = request
  const task = taskOf(request, labelled.type)
  const [staged, table] = [temporaryTableName('truth_rows'), temporaryTableName('truth_pairs')]
  const names = segments.map((_, i) => sql.raw(`truth_seg_${i}`))
  const micros = leaves.epochMicros(sql`truth_t`)
  const nowMicros = BigInt(now.getTime()) * 1000n
  const yes = valueOf(session, task, labelled.type, request.positive)
  const score = scoreOf(
    session,
    { task, type: predicted.type, of: 'prediction', outputs: predicted.outputs },
    sql`truth_p`,
  )
  const beside = scoreOf(session, { task, type: predicted.baselineType, of: 'baseline', outputs: [] }, sql`truth_b`)
  // Log loss, Brier score and calibration are of chances.
  const within = (value: Sql): Sql =>
    task === 'binary' ? sql`CASE WHEN ${value} BETWEEN 0 AND 1 THEN ${value} END` : value
  const outside = (value: Sql): Sql =>
    task === 'binary'
      ? sql`CASE WHEN ${value} < 0 OR ${value} > 1 THEN ${value} END`
      : sql`CAST(NULL AS ${leaves.columnType('double')})`
  await session.run(
    leaves.createTableAs(
      staged,
      sql`
        SELECT truth_side AS side, truth_w AS w, ${micros} AS t, ${keyText(session, predicted.keys.length)} AS e,
          ${yes(sql`truth_y`)} AS y, ${within(score)} AS p, ${outside(score)} AS p_outside,
          ${within(beside)} AS b, ${outside(beside)} AS b_outside,
          CASE WHEN ${micros} + ${sql.lit(labelled.horizon)} <= ${sql.raw(String(nowMicros))} THEN 1 ELSE 0 END AS matured
          ${sql.join([sql``, ...names])}
        FROM (${labelled.relation}) AS labelled
      `,
      { temporary: true },
    ),
  )
  if (task === 'binary') await refuseScores(session, staged, request)
  const counted = await countRows(session, staged)
  const known = sql`matured = 1 AND y IS NOT NULL AND p IS NOT NULL`
  const clusteredBy = request.clusters ?? (await clusteringOf(session, staged, known))
  const day = sql`CAST(${leaves.floorDivide(sql`t`, DAY)} AS VARCHAR)`
  const cluster =
    clusteredBy === 'entities' ? sql`e` : clusteredBy === 'days' ? day : sql`e || ' ' || CAST(t AS VARCHAR)`
  const cells = sql`${cluster} AS c, y${sql.join([sql``, ...names])}`
  const yardstick = request.reference === undefined ? oldest(counted, minimumRows) : REFERENCE
  const isColumn = baseline !== undefined && 'column' in baseline
  const isPartial =
    isColumn && (await hasRows(session, sql`${tableRef(staged)} WHERE ${known} AND side = 0 AND b IS NULL`))
  const sides = (w: Sql, where: Sql): readonly Sql[] => [
    sql`SELECT side, ${w} AS w, ${cells}, p FROM ${tableRef(staged)} WHERE ${where}`,
    ...(isColumn
      ? [sql`SELECT 1 AS side, ${w} AS w, ${cells}, b AS p FROM ${tableRef(staged)} WHERE ${where} AND b IS NOT NULL`]
      : []),
    ...(isPartial
      ? [sql`SELECT 2 AS side, ${w} AS w, ${cells}, p FROM ${tableRef(staged)} WHERE ${where} AND b IS NOT NULL`]
      : []),
  ]
  const parts = [
    ...sides(sql`w`, known),
    ...(yardstick === undefined || yardstick === REFERENCE
      ? []
      : sides(sql.lit(REFERENCE), sql`${known} AND side = 0 AND w = ${sql.lit(yardstick)}`)),
  ]
  await session.run(leaves.createTableAs(table, sql.join(parts, sql` UNION ALL `), { temporary: true }))
  const grouped = (dim: number, g: Sql): Sql =>
    sql`SELECT side, w, ${sql.lit(dim)} AS dim, ${g} AS g, c, y, p FROM ${tableRef(table)}`
  const all = grouped(0, sql`''`)
  const dims = [
    all,
    ...names.map((name, i) => {
      const g = sql`COALESCE(${name}, '(none)')`
      return sql`SELECT * FROM (${grouped(i + 1, g)}) d WHERE g IN (${frequent(table, g, most)})`
    }),
  ]
  return {
    task,
    counted,
    clusteredBy,
    rows: sql`(${sql.join(dims, sql` UNION ALL `)}) AS truth_rows`,
    all: sql`(${all}) AS truth_rows`,
    hasReference: yardstick !== undefined,
    tables: [staged, table],
  }
}

/** The segments with most of the model's rows in any window. */
function frequent(table: string, g: Sql, most: number): Sql {
  const ranked = sql`
    SELECT g, ROW_NUMBER() OVER (PARTITION BY w ORDER BY n DESC NULLS LAST, g ASC NULLS LAST) AS place
    FROM (
      SELECT w, ${g} AS g, COUNT(*) AS n FROM ${tableRef(table)}
      WHERE side = 0 AND w <> ${sql.lit(REFERENCE)} GROUP BY w, ${g}
    ) counted
  `
  return sql`SELECT g FROM (${ranked}) ranked WHERE place <= ${sql.lit(most)}`
}

/** The oldest window that has enough labels to be a yardstick for the later ones. */
function oldest(counted: readonly Counted[], minimumRows: number): number | undefined {
  const enough = counted.filter(({ side, labelled }) => side === 0 && labelled >= minimumRows)
  return enough.toSorted((a, b) => a.newest - b.newest)[0]?.w
}

async function countRows(session: Warehouse, table: string): Promise<readonly Counted[]> {
  const whole = (condition: Sql): Sql => sql`COUNT(CASE WHEN ${condition} THEN 1 END)`
  const { leaves } = session
  const far = sql`matured = 1 AND y IS NOT NULL AND p_outside IS NOT NULL`
  const batch = await session.read(sql`
    SELECT side, w, COUNT(*) AS predictions, SUM(matured) AS matured,
      ${whole(sql`matured = 1 AND y IS NOT NULL AND p IS NOT NULL`)} AS labelled,
      ${whole(sql`matured = 1 AND y IS NULL`)} AS missing, ${whole(far)} AS outside,
      MIN(CASE WHEN ${far} THEN p_outside END) AS lowest, MAX(CASE WHEN ${far} THEN p_outside END) AS highest,
      ${leaves.toDouble(sql`MAX(t)`)} AS newest
    FROM ${tableRef(table)} GROUP BY side, w ORDER BY side, w
  `)
  return rowsOf(batch).map((row) => ({
    side: Number(row['side']),
    w: Number(row['w']),
    predictions: Number(row['predictions']),
    matured: Number(row['matured']),
    labelled: Number(row['labelled']),
    missing: Number(row['missing']),
    outside: Number(row['outside']),
    outermost: row['lowest'] === null ? null : [Number(row['lowest']), Number(row['highest'])],
    newest: Number(row['newest']),
  }))
}

async function clusteringOf(session: Warehouse, table: string, known: Sql): Promise<Clustering> {
  const [row] = rowsOf(
    await session.read(sql`SELECT COUNT(DISTINCT e) AS n FROM ${tableRef(table)} WHERE ${known} AND side = 0`),
  )
  return Number(row?.['n'] ?? 0) < FEWEST_ENTITIES ? 'days' : 'entities'
}

function keyText({ leaves }: Warehouse, keys: number): Sql {
  return leaves.textKey(...Array.from({ length: keys }, (_, i) => sql.raw(`truth_key_${i}`)))
}

/** What the predictions are, by their label where the request does not say it. */
export function taskOf({ task, positive, labels }: TruthRequest, type: ColumnType): TruthTask {
  const fits = type === 'boolean' || positive !== undefined ? 'binary' : type === 'text' ? 'classes' : 'regression'
  const wanted = task ?? fits
  if (type === 'timestamp' || type === 'date' || (type === 'text' && wanted !== 'classes' && positive === undefined))
    throw invalid(`a label of type ${type} is nothing that ${wanted} can measure`, {
      labels: 'table' in labels ? labels.table : '',
    })
  return wanted
}

/** What happened, as a number, or of classes as text. */
function valueOf(session: Warehouse, task: TruthTask, type: ColumnType, positive: string | undefined) {
  const { leaves } = session
  return (value: Sql): Sql => {
    if (task === 'classes') return className(session, type, value)
    const yesOrNo = (yes: Sql, no: Sql): Sql => leaves.toDouble(sql`CASE WHEN ${yes} THEN 1 WHEN ${no} THEN 0 END`)
    if (type === 'boolean') return yesOrNo(value, sql`NOT ${value}`)
    if (positive !== undefined)
      return yesOrNo(sql`CAST(${value} AS VARCHAR) = ${sql.lit(positive)}`, sql`${value} IS NOT NULL`)
    if (task === 'binary') return yesOrNo(sql`${value} > 0`, sql`${value} <= 0`)
    return leaves.finite(value)
  }
}

/** A class in words. Numbers of the log are doubles, those of labels often whole: both are the class `1`. */
export function className({ leaves }: Warehouse, type: ColumnType, value: Sql): Sql {
  const text = sql`CAST(${value} AS VARCHAR)`
  if (type === 'text' || type === 'boolean' || type === 'timestamp' || type === 'date') return text
  const whole = sql`CAST(CAST(${value} AS ${leaves.columnType('bigint')}) AS VARCHAR)`
  return sql`CASE WHEN ABS(${value}) < 1e15 AND ${value} = FLOOR(${value}) THEN ${whole} ELSE ${text} END`
}

interface Score {
  readonly task: TruthTask
  readonly type: ColumnType
  readonly of: 'prediction' | 'baseline'
  /** What can be named instead. */
  readonly outputs: readonly string[]
}

function scoreOf(session: Warehouse, { task, type, of, outputs }: Score, value: Sql): Sql {
  const { leaves } = session
  if (task === 'classes') return className(session, type, value)
  if (type === 'boolean') return leaves.toDouble(sql`CASE WHEN ${value} THEN 1 WHEN NOT ${value} THEN 0 END`)
  if (type === 'text' || type === 'timestamp' || type === 'date')
    throw invalid(`the ${of} is a ${type}, not a number${insteadOf(outputs)}`, { type, outputs })
  return leaves.finite(value)
}

async function hasRows(session: Warehouse, from: Sql): Promise<boolean> {
  return (await session.read(sql`SELECT 1 FROM ${from} LIMIT 1`)).rows > 0
}

/** One score that is no chance is a fault of its row; where most are none, another column was meant. */
async function refuseScores(session: Warehouse, table: string, request: TruthRequest): Promise<void> {
  const { prediction = 'prediction', baseline } = request
  const beside = baseline !== undefined && 'column' in baseline ? baseline.column : prediction
  const columns = [
    { name: prediction, score: 'p' },
    { name: beside, score: 'b' },
  ]
  for (const { name, score } of columns) {
    const [row] = rowsOf(
      await session.read(sql`
        SELECT COUNT(${sql.id(score)}) AS fits, COUNT(${sql.id(`${score}_outside`)}) AS others FROM ${tableRef(table)}
      `),
    )
    if (Number(row?.['others']) > Number(row?.['fits']))
      throw invalid(
        `most values of ${name} lie outside 0 to 1, so they are no chances; name the output that is one as ` +
          (name === prediction ? '`prediction`' : '`baseline`'),
        { column: name },
      )
  }
}
