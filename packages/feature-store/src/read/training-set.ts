import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { MartletError, tableRef, type ColumnBatch, type Sql, type Warehouse } from '@martlet/warehouse'
import { compileTraining } from '../compile/training-sql.ts'
import { freshPrefix } from '../compile/view-sql.ts'
import type { AnyFeatureService } from '../define/feature-service.ts'
import type { AnyLabel } from '../define/label.ts'
import type { LabelPlan } from '../plan/label-plan.ts'
import { serviceKeys, type ServicePlan, type ViewPlan } from '../plan/view-plan.ts'
import { stageSpine, type Spine } from './spine.ts'

export interface TrainingSetOptions {
  readonly warehouse: Warehouse
  readonly service: AnyFeatureService | ServicePlan
  readonly spine: Spine
  /** The spine's time column: a UTC timestamp. */
  readonly time: string
  readonly labels?: readonly (AnyLabel | LabelPlan)[]
  /** The end of the data: a label whose window (plus maturity) ends after it is null. @default the newest event of the label's fact */
  readonly asOf?: Date
  /** `facts` computes every feature anew; `materialized` joins the feature tables. @default 'facts' */
  readonly from?: 'facts' | 'materialized'
  /** The table to write, replaced whole. @default `training.<service>` */
  readonly into?: string
  readonly onProgress?: (step: TrainingProgress) => void
  readonly signal?: AbortSignal
}

export interface TrainingProgress {
  readonly done: number
  readonly of: number
}

/** What a training set was made of, to be kept with the model. */
export interface TrainingManifest {
  readonly service: string
  readonly serviceHash: string
  readonly views: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
  readonly from: 'facts' | 'materialized'
  readonly rows: number
  /** Spine times, ISO. */
  readonly first: string
  readonly last: string
  readonly asOf: string
}

export interface TrainingSet {
  readonly table: string
  readonly rows: number
  readonly features: readonly string[]
  readonly labels: readonly string[]
  readonly manifest: TrainingManifest
  /** The rows in spine order: `spine_row`, the spine's columns, the features, the labels. */
  read(): Promise<ColumnBatch>
}

/**
 * Builds a point-in-time training set: for every spine row, in order, exactly the feature row that online would have
 * served at its time, and the labels that became known afterwards.
 *
 * @throws MartletError `BAD_SPINE`, `SOURCE_MISMATCH`, `CANCELLED`, `SPINE_ROWS_CHANGED`
 */
export async function buildTrainingSet(options: TrainingSetOptions): Promise<TrainingSet> {
  const { warehouse, onProgress, signal } = options
  const service = 'plan' in options.service ? options.service.plan : options.service
  const labels = (options.labels ?? []).map((label) => ('plan' in label ? label.plan : label))
  const from = options.from ?? 'facts'
  const table = options.into ?? `training.${service.name}`
  const keys = [...new Map([...serviceKeys(service), ...labels.flatMap((label) => label.entity.keys)].map((key) => [key.name, key])).values()]
  const run = signal === undefined ? {} : { signal }
  return warehouse.session(async (session) => {
    const spine = await stageSpine(session, options.spine, options.time, keys, `${freshPrefix()}_spine`)
    const asOf = options.asOf === undefined ? await newestEvent(session, labels, spine.last) : BigInt(options.asOf.getTime()) * 1000n
    const compiled = compileTraining(session.leaves, service, labels, spine, { asOf, from, featureTable: featureTable })
    const steps = compiled.prepare.length + 1
    for (const [i, statement] of compiled.prepare.entries()) {
      await session.run(statement, run)
      onProgress?.({ done: i + 1, of: steps })
    }
    await writeTable(session, table, compiled.query, spine.rows, run)
    onProgress?.({ done: steps, of: steps })
    return {
      table,
      rows: spine.rows,
      features: compiled.featureColumns,
      labels: compiled.labelColumns,
      manifest: {
        service: service.name,
        serviceHash: service.hash,
        views: Object.fromEntries(service.views.map(({ view }) => [view.name, view.hash])),
        labels: Object.fromEntries(labels.map((label) => [label.name, createHash('sha256').update(JSON.stringify(label)).digest('hex')])),
        from,
        rows: spine.rows,
        first: isoTime(spine.first),
        last: isoTime(spine.last),
        asOf: isoTime(asOf),
      },
      read: () => warehouse.read(sql`SELECT * FROM ${tableRef(table)} ORDER BY spine_row`),
    }
  })
}

function featureTable(view: ViewPlan): Sql {
  return tableRef(`features.${view.name}`)
}

/** Replaces the table in one transaction and checks that no spine row was lost or doubled. */
async function writeTable(session: Warehouse, table: string, query: Sql, rows: number, run: { readonly signal?: AbortSignal }): Promise<void> {
  const schema = table.split('.').slice(0, -1)
  await session.transaction(async (transaction) => {
    if (schema.length > 0) await transaction.run(sql`CREATE SCHEMA IF NOT EXISTS ${sql.id(...schema)}`)
    const written = await transaction.run(transaction.leaves.createTableAs(table, query, { replace: true, orderBy: [sql`spine_row`] }), run)
    if (written !== rows) {
      throw new MartletError('SPINE_ROWS_CHANGED', `the training set has ${written} rows and the spine ${rows}; nothing was written. A feature table with two rows for one key and time can cause this`, { data: { table, written, rows } })
    }
  })
}

async function newestEvent(session: Warehouse, labels: readonly LabelPlan[], otherwise: bigint): Promise<bigint> {
  let newest: bigint | undefined
  for (const { fact } of labels) {
    const time = sql.id(fact.eventTime)
    const utc = fact.zone === null ? time : session.leaves.toUtc(time, fact.zone)
    const batch = await session.read(sql`SELECT MAX(${session.leaves.epochMicros(utc)}) AS newest FROM ${tableRef(fact.table)}`)
    const [column] = batch.columns
    if (column?.type !== 'bigint' || column.nulls?.[0] === 1) continue
    const found = column.values[0]
    if (found !== undefined && (newest === undefined || found < newest)) newest = found
  }
  return newest ?? otherwise
}

function isoTime(micros: bigint): string {
  return new Date(Number(micros / 1000n)).toISOString()
}
