import { MartletError, sql, tableRef, type ColumnSpec, type Sql, type Warehouse } from '@martlet/warehouse'
import { columnNamed } from '../count/spelling.ts'
import { windowSql, type TimeWindow } from '../count/windows.ts'
import { loadedFiles } from '../predictions/prediction-ledger.ts'
import { PREDICTION } from '../predictions/prediction-line.ts'
import { predictionTable } from '../predictions/prediction-tables.ts'
import { insteadOf, outputColumns } from './output-columns.ts'
import type { TruthRequest } from './truth-request.ts'

/** The window number of rows that are the yardstick. */
export const REFERENCE = -1

/** Predictions in the windows, one row for each window and side, without labels. */
export interface PredictedRows {
  /**
   * `truth_side` (0 the model, 1 another version), `truth_w` (a number of {@link indexOf}, or {@link REFERENCE}), `truth_t`,
   * `truth_p`, `truth_b` (the baseline's column), `truth_seg_<i>`, and the keys as `truth_key_<i>`.
   */
  readonly query: Sql
  readonly keys: readonly Pick<ColumnSpec, 'name' | 'type'>[]
  /** The type of the prediction. */
  readonly type: ColumnSpec['type']
  /** Columns with numbers of the model's outputs. */
  readonly outputs: readonly string[]
  /** The type of the baseline's column; of the prediction's without one. */
  readonly baselineType: ColumnSpec['type']
  indexOf(number: number): number | undefined
}

/**
 * The predictions that a request is about. `beside` are columns that they keep, by their own names.
 *
 * @throws MartletError TABLE_NOT_FOUND when no predictions were loaded
 * @throws MartletError TRUTH_INVALID when a column that the request names is not in the table
 */
export async function predictedRows(
  warehouse: Warehouse,
  request: TruthRequest,
  windows: readonly TimeWindow[],
  beside: readonly string[] = [],
): Promise<PredictedRows> {
  const { model, version, baseline, segments = [] } = request
  const table = request.table ?? predictionTable(model)
  const columns = await warehouse.introspect(table)
  if (columns === undefined)
    throw new MartletError(
      'TABLE_NOT_FOUND',
      `There is no table ${table} with the predictions of ${model}. Run \`martlet log load ${model}\` first.`,
      { data: { table, model } },
    )
  const known = (name: string): ColumnSpec => {
    const found = columnNamed(columns, name)
    if (found !== undefined) return found
    throw invalid(`${table} has no column ${name}`, { table, column: name })
  }
  const keys = request.keys ?? (await loadedKeys(warehouse, model, columns))
  if (keys.length === 0) throw invalid(`the keys of ${table} are not known; give \`keys\``, { table })
  const outputs = outputColumns(columns)
  const wanted = request.prediction ?? PREDICTION
  const prediction = columnNamed(columns, wanted)
  if (prediction === undefined)
    throw invalid(`${table} has no column ${wanted}${insteadOf(outputs)}`, { table, column: wanted, outputs })
  const rival = baseline !== undefined && 'column' in baseline ? known(baseline.column) : prediction
  const time = flooredTime(warehouse, known(request.time ?? 'predicted_at'), request.every)
  const sorted = windowSql(warehouse.leaves, time, windows)
  const cells = [
    sql`${time} AS truth_t`,
    sql`${sql.id(prediction.name)} AS truth_p`,
    sql`${sql.id(rival.name)} AS truth_b`,
    ...segments.map((name, i) => sql`CAST(${sql.id(known(name).name)} AS VARCHAR) AS ${sql.raw(`truth_seg_${i}`)}`),
    ...keys.map((name, i) => sql`${sql.id(known(name).name)} AS ${sql.raw(`truth_key_${i}`)}`),
    ...beside.map((name) => sql.id(known(name).name)),
  ]
  const present = sql.join(
    keys.map((name) => sql`${sql.id(known(name).name)} IS NOT NULL`),
    sql` AND `,
  )
  const answered = hasColumn(columns, 'role') ? sql`(role IS NULL OR role <> 'shadow')` : sql`1 = 1`
  const other = baseline !== undefined && 'version' in baseline ? baseline.version : undefined
  const ofVersion = (wanted: number): Sql => sql`${sql.id(known('model_version').name)} = ${sql.lit(wanted)}`
  const own =
    version !== undefined
      ? ofVersion(version)
      : other === undefined
        ? answered
        : sql`${answered} AND NOT (${ofVersion(other)})`
  const part = (side: number, number: Sql, where: Sql): Sql => sql`
    SELECT ${sql.lit(side)} AS truth_side, ${number} AS truth_w, ${sql.join(cells)}
    FROM ${tableRef(table)} WHERE ${where} AND ${present}
  `
  const parts = [
    ...(windows.length === 0 ? [] : [part(0, sorted.number, sql`${sorted.where} AND ${own}`)]),
    ...(windows.length === 0 || other === undefined
      ? []
      : [part(1, sorted.number, sql`${sorted.where} AND ${ofVersion(other)}`)]),
  ]
  if (request.reference !== undefined) {
    const { where } = windowSql(warehouse.leaves, time, [request.reference])
    parts.push(part(0, sql.lit(REFERENCE), sql`${where} AND ${own}`))
  }
  if (parts.length === 0) parts.push(part(0, sql.lit(REFERENCE), sql`1 = 0`))
  return {
    query: sql.join(parts, sql` UNION ALL `),
    keys: keys.map((name) => ({ name, type: known(name).type })),
    type: prediction.type,
    outputs,
    baselineType: rival.type,
    indexOf: sorted.indexOf,
  }
}

async function loadedKeys(
  warehouse: Warehouse,
  model: string,
  columns: readonly ColumnSpec[],
): Promise<readonly string[]> {
  const files = await loadedFiles(warehouse, model)
  const names = [...files.values()].flatMap(({ keys }) => keys)
  return [...new Set(names.map((name) => columnNamed(columns, name)?.name ?? name))]
}

function hasColumn(columns: readonly ColumnSpec[], name: string): boolean {
  return columns.some((column) => column.name.toLowerCase() === name)
}

function flooredTime({ leaves }: Warehouse, column: ColumnSpec, every: number | undefined): Sql {
  if (column.type !== 'timestamp') throw invalid(`column ${column.name} is not a timestamp`, { column: column.name })
  const time = sql.id(column.name)
  if (every === undefined) return time
  const length = sql`CAST(${sql.lit(every)} AS ${leaves.columnType('bigint')})`
  return leaves.fromEpochMicros(sql`${leaves.floorDivide(leaves.epochMicros(time), every)} * ${length}`)
}

export function invalid(why: string, data: Readonly<Record<string, unknown>>): MartletError {
  return new MartletError('TRUTH_INVALID', `Performance cannot be measured: ${why}.`, { data })
}
