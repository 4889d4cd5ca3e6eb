import {
  acquireLease,
  nameIn,
  refuseTarget,
  storeSpine,
  type AnyFeatureService,
  type Catalog,
  type FeaturesFrom,
  type ServicePlan,
  type Spine,
} from '@martlet/feature-store'
import { loadModel, type ModelReference, type ModelVersion, type Registry } from '@martlet/registry'
import { checkWritable, dropTable, MartletError, splitTableName, type Warehouse } from '@martlet/warehouse'
import { serviceOfModel } from './model-service.ts'
import { predictChunk } from './predict-chunk.ts'
import { sha256, spineWords } from './spine-words.ts'
import { writeScores } from './write-scores.ts'
import {
  dropWork,
  finishedChunks,
  readState,
  SCORE_ROW,
  sameRows,
  workTables,
  writeState,
  type RunState,
  type WorkTables,
} from './work-tables.ts'

/** Where predictions go. */
export type ScoreTarget = { readonly table: string } | { readonly parquet: string }

export interface ScoreOptions {
  readonly warehouse: Warehouse
  readonly catalog: Catalog
  readonly registry: Registry
  readonly model: ModelReference
  /** The service of the model as it is defined now, with the functions of what it computes on demand. */
  readonly service: AnyFeatureService
  readonly spine: Spine
  /** The spine's time column: each row is predicted from the features that would have been served then. */
  readonly time: string
  readonly zone?: string
  readonly into: ScoreTarget
  /** What features are computed from, or read from. @default 'facts' */
  readonly from?: FeaturesFrom
  /** So many rows are computed and kept at once. @default 100000 */
  readonly chunkRows?: number
  /** Begin anew where a run into the same target was not finished. @default false: continue it */
  readonly restart?: boolean
  readonly actor: string
  /** Called with the manifest when the predictions are in their place, before what the run has kept for itself is dropped. */
  readonly written?: (manifest: ScoreManifest) => Promise<void>
  readonly onProgress?: (progress: ScoreProgress) => void
  readonly signal?: AbortSignal
}

/** Reported when a step of a chunk begins, every two seconds while it runs, and when it ends. */
export interface ScoreProgress {
  /** How many chunks are predicted, of one more than there are: writing the scores comes last. */
  readonly done: number
  readonly of: number
  readonly step: string
  readonly seconds: number
}

/** The record of how predictions were made. */
export type ScoreManifest = {
  readonly model: string
  readonly version: number
  readonly sha256: string
  readonly service: string
  /** The hash of each view and of each on-demand feature that the model reads. */
  readonly definitions: Readonly<Record<string, string>>
  /** How the spine was made, or where it was read. */
  readonly spine: Readonly<Record<string, string>>
  readonly time: string
  readonly from: FeaturesFrom
  readonly rows: number
  /** Rows that the model cannot predict, because a feature is missing that it does not do without: their predictions are null. */
  readonly refused: number
  readonly outputs: readonly { readonly name: string; readonly type: string }[]
  readonly first: string
  readonly last: string
  readonly startedAt: string
  readonly finishedAt: string
}

export interface Scores {
  readonly rows: number
  readonly refused: number
  /** Chunks of rows: all, and those of them that an earlier run had predicted. */
  readonly chunks: number
  readonly resumed: number
  readonly manifest: ScoreManifest
}

const CHUNK_ROWS = 100_000

/**
 * Predicts every row of a spine with one version of a model, from the features that would have been served at the row's
 * time. Rows are worked through in chunks; a run that was stopped or killed continues where it was.
 * @throws MartletError BAD_SPINE when the spine cannot be used
 * @throws MartletError BAD_TARGET when the scores would replace a table that they are made from
 * @throws MartletError MODEL_SERVICE_CHANGED when the definitions cannot feed the model any more
 * @throws MartletError LEASE_HELD when another process scores into the same target
 * @throws MartletError NAME_CLASH when an output has the name of a column of the spine
 * @throws MartletError CANCELLED when `signal` is aborted
 */
export async function scoreSpine(options: ScoreOptions): Promise<Scores> {
  const { warehouse, catalog, registry, into, signal } = options
  const chunkRows = options.chunkRows ?? CHUNK_ROWS
  if (!Number.isSafeInteger(chunkRows) || chunkRows < 1)
    throw new MartletError('USAGE', `A chunk of ${chunkRows} rows is none. Give a whole number of at least 1.`)
  const target = await checkTarget(into)
  const version = await registry.resolve(options.model.model, options.model.version)
  const service = await serviceOfModel(catalog, options.service, version)
  if ('table' in into) refuseTarget(into.table, options.spine, service, [], 'The table of scores')
  const doing = `Scores of ${target} are being computed`
  await using lease = await acquireLease(catalog, `.score ${target}`, options.actor, doing)
  await using model = await loadModel(registry, { model: version.model, version: version.version })
  const tables = workTables(target)
  const run = await begun(options, { version, service, tables, chunkRows })
  const finished = await finishedChunks(warehouse, tables)
  const report = (done: number, step: string): ((seconds: number) => void) => {
    return (seconds) => options.onProgress?.({ done, of: run.chunks + 1, step, seconds })
  }
  const stop = AbortSignal.any([lease.lost, ...(signal === undefined ? [] : [signal])])
  let done = finished.size
  for (let chunk = 0; chunk < run.chunks; chunk++) {
    if (finished.has(chunk)) continue
    const before = done
    const step = (name: string): ((seconds: number) => void) => report(before, name)
    await predictChunk({ ...options, signal: stop }, { chunk, service, model, tables, run, step })
    await lease.check(catalog.db)
    done++
  }
  report(done, 'write the scores')(0)
  const { refused, outputs } = await writeScores(warehouse, into, tables, run, { signal: stop }).catch(
    async (error: unknown) => {
      // What has to be changed is elsewhere, so nothing of this run is of use.
      if (error instanceof MartletError && error.code === 'NOTHING_SCORED') await dropWork(warehouse, tables)
      throw error
    },
  )
  const manifest: ScoreManifest = {
    model: version.model,
    version: version.version,
    sha256: version.artifact.sha256,
    service: service.name,
    definitions: hashesOf(service),
    spine: spineWords(warehouse, options.spine),
    time: options.time,
    from: options.from ?? 'facts',
    rows: run.rows,
    refused,
    outputs,
    first: run.first,
    last: run.last,
    startedAt: run.startedAt,
    finishedAt: new Date().toISOString(),
  }
  await options.written?.(manifest)
  await dropWork(warehouse, tables)
  options.onProgress?.({ done: done + 1, of: run.chunks + 1, step: target, seconds: 0 })
  return { rows: run.rows, refused, chunks: run.chunks, resumed: finished.size, manifest }
}

interface Beginning {
  readonly version: ModelVersion
  readonly service: ServicePlan
  readonly tables: WorkTables
  readonly chunkRows: number
}

/** The unfinished run of the same request over the same rows, or a new one. */
async function begun(options: ScoreOptions, { version, service, tables, chunkRows }: Beginning): Promise<RunState> {
  const { warehouse, spine, time, zone, from = 'facts', signal } = options
  const asked = [
    version.artifact.sha256,
    // The same artifact may have been registered again, with other defaults for instance.
    [version.model, version.version],
    hashesOf(service),
    // Says by which keys views in roles are read.
    service.hash,
    spineWords(warehouse, spine),
    time,
    zone ?? null,
    from,
    chunkRows,
  ]
  const request = sha256(JSON.stringify(asked))
  const found = await readState(warehouse, tables)
  const before = found?.request === request && options.restart !== true ? found : undefined
  if (before === undefined) await dropWork(warehouse, tables)
  const into = before === undefined ? tables.spine : tables.spineNow
  const kept = await storeSpine({
    warehouse,
    spine,
    time,
    service,
    chunkRows,
    into,
    reserved: [SCORE_ROW],
    ...(zone === undefined ? {} : { zone }),
    ...(signal === undefined ? {} : { signal }),
  })
  if (before !== undefined) {
    const same = await sameRows(warehouse, [tables.spine, tables.spineNow], before, kept)
    await dropTable(warehouse, tables.spineNow)
    if (same) return before
    // What was asked for has the same name, but other rows by now.
    return begun({ ...options, restart: true }, { version, service, tables, chunkRows })
  }
  const run: RunState = {
    request,
    startedAt: new Date().toISOString(),
    rows: kept.rows,
    chunks: kept.chunks,
    columns: kept.columns,
    first: isoTime(kept.first),
    last: isoTime(kept.last),
  }
  await writeState(warehouse, tables, run)
  return run
}

async function checkTarget(into: ScoreTarget): Promise<string> {
  if ('parquet' in into) {
    await checkWritable(into.parquet)
    return into.parquet
  }
  splitTableName(into.table)
  return into.table.toLowerCase()
}

function hashesOf({ views, onDemand = [] }: ServicePlan): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...views.map((read) => ({ name: nameIn(read), hash: read.view.hash })), ...onDemand.map(({ plan }) => plan)].map(
      ({ name, hash }) => [name, hash],
    ),
  )
}

function isoTime(micros: bigint): string {
  return new Date(Number(micros / 1000n)).toISOString()
}
