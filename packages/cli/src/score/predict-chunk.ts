import { buildTrainingSet, serviceKeys, SPINE_CHUNK, SPINE_ROW, type ServicePlan } from '@martlet/feature-store'
import type { LoadedModel, Tensors } from '@martlet/registry'
import {
  columnBatch,
  ensureTable,
  MartletError,
  sql,
  tableRef,
  type ColumnBatch,
  type ColumnSpec,
  type ColumnVector,
  type Warehouse,
} from '@martlet/warehouse'
import { batchSource, featureValue } from './batch-source.ts'
import { neededColumns } from './model-service.ts'
import { outputColumns } from './output-columns.ts'
import type { ScoreOptions } from './score-spine.ts'
import { SCORE_ROW, type RunState, type WorkTables } from './work-tables.ts'

/** So many rows are in memory at once, beside the predictions of a chunk. */
const BATCH_ROWS = 10_000
/** So many rows are given to the model at once: as many as it was tried with. */
const MODEL_ROWS = 1000

/** Errors about the rows that a model was given. */
const REFUSALS: ReadonlySet<string> = new Set(['FEATURE_VALUE_INVALID', 'MODEL_RUN_FAILED'])

export interface Chunk {
  readonly chunk: number
  readonly service: ServicePlan
  readonly model: LoadedModel
  readonly tables: WorkTables
  readonly run: RunState
  readonly step: (step: string) => (seconds: number) => void
}

/** Computes the features of a chunk, predicts its rows, and writes the predictions in one transaction. */
export async function predictChunk(options: ScoreOptions, work: Chunk): Promise<void> {
  const { warehouse, time, zone, from, signal } = options
  const { chunk, service, model, tables, run, step } = work
  const stop = signal === undefined ? {} : { signal }
  const keys = serviceKeys(service).map(({ name }) => name)
  const columns = neededColumns(service, keys, time).map((name) => sql.id('c', name))
  const row = sql`c.spine_row AS ${sql.id(SCORE_ROW)}`
  await buildTrainingSet({
    warehouse,
    service,
    functions: options.service.onDemand,
    catalog: options.catalog,
    spine: {
      query: sql`
        SELECT ${sql.join([row, ...columns])} FROM ${tableRef(tables.spine)} c
        WHERE ${sql.id('c', SPINE_CHUNK)} = ${sql.lit(chunk)}
      `,
    },
    time,
    into: tables.features,
    ...(zone === undefined ? {} : { zone }),
    ...(from === undefined ? {} : { from }),
    onProgress: (made) =>
      step(`chunk ${chunk + 1}: ${made.step === tables.features ? 'features' : made.step}`)(made.seconds),
    ...stop,
  })
  const began = performance.now()
  const report = step(`chunk ${chunk + 1}: predict`)
  const { fields } = model.signature
  const wanted = sql.join([sql.id('f', SCORE_ROW), ...fields.map(({ field }) => sql.id('f', field))])
  const predicted: Predicted[] = []
  const features = warehouse.stream(sql`SELECT ${wanted} FROM ${tableRef(tables.features)} f`, {
    batchRows: BATCH_ROWS,
    ...stop,
  })
  for await (const batch of features) {
    report((performance.now() - began) / 1000)
    predicted.push(await predictBatch(model, batch))
  }
  await keep(warehouse, tables, chunk, predicted, run.columns)
}

/** Predictions of some rows, with their numbers in the spine; the rows that were refused are not among them. */
interface Predicted {
  readonly batch: ColumnBatch
  readonly specs: readonly ColumnSpec[]
  readonly refused: number
}

async function predictBatch(model: LoadedModel, batch: ColumnBatch): Promise<Predicted> {
  const { fields, outputs } = model.signature
  const strict = fields.filter(({ nulls }) => nulls.kind === 'refused')
  const columnOf = (field: string): ColumnVector | undefined => batch.columns[batch.names.indexOf(field)]
  const lacks = (row: number): boolean =>
    strict.some(({ field, type }) => featureValue(columnOf(field), row, type) === null)
  const rows = Array.from({ length: batch.rows }, (_, row) => row).filter((row) => !lacks(row))
  const parts: Tensors[] = []
  const predicted: number[] = []
  /** Rows on which the model fails are found by halving; it may also fail only on several together. */
  const predict = async (some: readonly number[]): Promise<void> => {
    try {
      parts.push(await model.predictVectors(batchSource(batch, fields, some)))
      predicted.push(...some)
    } catch (error) {
      if (!(error instanceof MartletError) || !REFUSALS.has(error.code)) throw error
      if (some.length === 1) return
      const middle = some.length >>> 1
      await predict(some.slice(0, middle))
      await predict(some.slice(middle))
    }
  }
  for (let from = 0; from < rows.length; from += MODEL_ROWS) await predict(rows.slice(from, from + MODEL_ROWS))
  const { specs, vectors } = outputColumns(outputs, parts)
  const numbers = columnOf(SCORE_ROW)
  const values = BigInt64Array.from(predicted, (row) => BigInt(numbers?.values[row] ?? -1))
  return {
    specs,
    refused: batch.rows - predicted.length,
    batch: {
      rows: predicted.length,
      names: [SCORE_ROW, ...specs.map(({ name }) => name)],
      columns: [{ type: 'bigint', values, nulls: null }, ...vectors],
    },
  }
}

async function keep(
  warehouse: Warehouse,
  tables: WorkTables,
  chunk: number,
  predicted: readonly Predicted[],
  spine: readonly string[],
): Promise<void> {
  const some = predicted.filter(({ batch }) => batch.rows > 0)
  const specs = some[0]?.specs ?? []
  refuseClashes(specs, spine)
  if (some.length > 0)
    await ensureTable(warehouse, {
      table: tables.predictions,
      columns: [{ name: SCORE_ROW, type: 'bigint' }, ...specs],
    })
  await ensureTable(warehouse, {
    table: tables.finished,
    columns: [
      { name: 'chunk', type: 'bigint' },
      { name: 'refused', type: 'bigint' },
    ],
  })
  const refused = predicted.reduce((sum, one) => sum + one.refused, 0)
  const mark = columnBatch({
    chunk: { type: 'bigint', values: [chunk] },
    refused: { type: 'bigint', values: [refused] },
  })
  await warehouse.transaction(async (transaction) => {
    for (const { batch } of some) await transaction.append(tables.predictions, batch)
    await transaction.append(tables.finished, mark)
  })
}

function refuseClashes(specs: readonly ColumnSpec[], spine: readonly string[]): void {
  const taken = new Set([SPINE_ROW, ...spine].map((name) => name.toLowerCase()))
  for (const { name } of specs) {
    if (taken.has(name.toLowerCase()))
      throw new MartletError(
        'NAME_CLASH',
        `The scores would have two columns named ${name}: an output of the model, and another column. ` +
          'Rename that of the spine, or the output in the model.',
        { data: { column: name } },
      )
    taken.add(name.toLowerCase())
  }
}
