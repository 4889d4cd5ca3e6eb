import { buildTrainingSet, type LabelPlan } from '@martlet/feature-store'
import {
  dropTable,
  sql,
  tableRef,
  type ColumnSpec,
  type ColumnType,
  type Sql,
  type Warehouse,
} from '@martlet/warehouse'
import { columnNamed } from '../count/spelling.ts'
import { dropLeftTables, runTable } from '../count/run-table.ts'
import { invalid, type PredictedRows } from './predicted-rows.ts'
import type { DefinedLabel, LabelTable, TruthRequest } from './truth-request.ts'

/** Predictions with what happened as `truth_y`, null where that is not known. */
export interface LabelledRows {
  readonly relation: Sql
  readonly type: ColumnType
  /** From the time of a prediction until its label can be known, in microseconds. */
  readonly horizon: number
}

/**
 * Runs `work` on the predictions with their labels: those of a definition, computed as for training sets, or those of a
 * table.
 *
 * @throws MartletError TRUTH_INVALID when the label or its keys do not fit the predictions
 */
export async function withLabelled<T>(
  warehouse: Warehouse,
  request: TruthRequest,
  predicted: PredictedRows,
  work: (rows: LabelledRows) => Promise<T>,
): Promise<T> {
  const { labels } = request
  if ('table' in labels) return work(await fromTable(warehouse, labels, predicted))
  const plan = 'plan' in labels.label ? labels.label.plan : labels.label
  const column = labels.column ?? plan.name
  const horizon = horizonOf(plan, labels)
  const { rows } = await warehouse.read(sql`SELECT 1 FROM (${predicted.query}) AS predicted LIMIT 1`)
  if (rows === 0) {
    const none = sql`SELECT predicted.*, CAST(NULL AS DOUBLE) AS truth_y FROM (${predicted.query}) AS predicted`
    return work({ relation: none, type: plan.type, horizon })
  }
  const [monitor, began] = [request.monitor ?? request.model, new Date()]
  await dropLeftTables(warehouse, 'labelled', monitor, began)
  const into = runTable('labelled', monitor, began)
  try {
    await buildTrainingSet({
      warehouse,
      service: { name: into, hash: '', views: [] },
      spine: { query: spineOf(plan, predicted) },
      time: 'truth_t',
      labels: [plan],
      into,
    })
    const relation = sql`SELECT labelled.*, ${sql.id(column)} AS truth_y FROM ${tableRef(into)} AS labelled`
    return await work({ relation, type: plan.type, horizon })
  } finally {
    await dropTable(warehouse, into)
  }
}

/** The keys under the names that the label knows them by. */
function spineOf({ name, entity }: LabelPlan, { query, keys }: PredictedRows): Sql {
  const asked = entity.keys.map((key) => {
    const at = keys.findIndex((one) => one.name.toLowerCase() === key.name.toLowerCase())
    if (at < 0)
      throw invalid(
        `label ${name} has key ${key.name}, but the predictions have ${keys.map((one) => one.name).join(', ')}`,
        { label: name },
      )
    return sql`${sql.raw(`truth_key_${at}`)} AS ${sql.id(key.name)}`
  })
  return sql`SELECT predicted.*, ${sql.join(asked)} FROM (${query}) AS predicted`
}

function horizonOf({ name, gap, length, steps = 1, maturity, aggregate }: LabelPlan, { column }: DefinedLabel): number {
  if (aggregate.function === 'timeTo')
    throw invalid(`label ${name} is a time to an event, which may be censored`, { label: name })
  const step = column === undefined ? steps : Number(/_(\d+)$/.exec(column)?.[1] ?? steps)
  if (column === undefined && steps > 1)
    throw invalid(`label ${name} has ${steps} columns; name one, such as ${name}_1`, { label: name })
  return gap + length * step + maturity
}

async function fromTable(warehouse: Warehouse, labels: LabelTable, predicted: PredictedRows): Promise<LabelledRows> {
  const { table, keys = {}, gap = 0, within, maturity = 0 } = labels
  const { leaves } = warehouse
  const columns = await warehouse.introspect(table)
  if (columns === undefined) throw invalid(`there is no table ${table} with labels`, { table })
  const known = (name: string) => {
    const found = columnNamed(columns, name)
    if (found !== undefined) return found
    throw invalid(`${table} has no column ${name}`, { table, column: name })
  }
  const [time, value] = [known(labels.time), known(labels.value)]
  if (time.type !== 'timestamp' && time.type !== 'date')
    throw invalid(`column ${time.name} is not a time`, { table, column: time.name })
  const names = predicted.keys.map((key) => {
    const found = known((Object.hasOwn(keys, key.name) ? keys[key.name] : undefined) ?? key.name)
    if (kindOf(found.type) !== kindOf(key.type))
      throw invalid(
        `key ${key.name} is ${nameOfType(key.type)}, but ${found.name} of ${table} is ${nameOfType(found.type)}`,
        { table, column: found.name },
      )
    return sql.id(found.name)
  })
  const from = leaves.addMicros(sql`truth_t`, gap)
  const happened = sql`
    SELECT ${sql.join(names.map((name, i) => sql`${name} AS ${sql.raw(`label_key_${i}`)}`))},
      ${sql.id(time.name)} AS label_time, ${onlyValue(value)} AS label_value
    FROM ${tableRef(table)}
    WHERE ${sql.join(
      [...names, sql.id(time.name), sql.id(value.name)].map((name) => sql`${name} IS NOT NULL`),
      sql` AND `,
    )}
    GROUP BY ${sql.join([...names, sql.id(time.name)])}
  `
  const joined = leaves.asofJoin({
    left: sql`(SELECT p.*, ${from} AS truth_from FROM (${predicted.query}) AS p) AS p`,
    right: sql`(${happened}) AS l`,
    on: names.map((_, i) => [sql`p.${sql.raw(`truth_key_${i}`)}`, sql`l.${sql.raw(`label_key_${i}`)}`]),
    match: { left: sql`p.truth_from`, operator: '<=', right: sql`l.label_time` },
  })
  const relation = sql`
    SELECT p.*, CASE WHEN l.label_time < ${leaves.addMicros(sql`p.truth_from`, within)} THEN l.label_value END AS truth_y
    FROM ${joined}
  `
  return { relation, type: value.type, horizon: gap + within + maturity }
}

/** The value of some keys at some time; null where two contradict each other. Not all engines have the least of booleans. */
function onlyValue({ name, type }: ColumnSpec): Sql {
  const value = sql.id(name)
  if (type !== 'boolean') return sql`CASE WHEN MIN(${value}) = MAX(${value}) THEN MIN(${value}) END`
  const digit = sql`CASE WHEN ${value} THEN 1 ELSE 0 END`
  return sql`CASE WHEN MIN(${digit}) = MAX(${digit}) THEN MIN(${digit}) = 1 END`
}

/** Engines compare values of one kind. */
function kindOf(type: ColumnType): string {
  if (type === 'text' || type === 'boolean') return type
  return type === 'timestamp' || type === 'date' ? 'time' : 'number'
}

function nameOfType(type: ColumnType): string {
  return typeof type === 'object' ? 'decimal' : type
}
