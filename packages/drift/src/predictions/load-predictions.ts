import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  ensureTable,
  evolveTable,
  MartletError,
  columnBatch,
  type ColumnBatch,
  type ColumnSpec,
  type ColumnType,
  type Warehouse,
} from '@martlet/warehouse'
import { inTurn } from '../profile/in-turn.ts'
import { finishedFiles, nameOf } from './log-files.ts'
import { blocksOf, sha256OfFirst, sha256OfLines, type LineBlock } from './log-lines.ts'
import { PredictionReader, type PredictionBlock } from './prediction-block.ts'
import { forgetFile, loadedFiles, recordLoaded, renameFile, type LoadedFile } from './prediction-ledger.ts'
import { keyColumn } from './prediction-rows.ts'
import { OWN_COLUMNS, predictionFiles, predictionTable, rejectedPredictions } from './prediction-tables.ts'

/** Lines that one transaction brings into the warehouse, fewer where they are long. */
const LINES_A_BATCH = 20_000

/** How often a batch is tried again when others come first. */
const ATTEMPTS = 20

export interface LoadPredictions {
  readonly warehouse: Warehouse
  /** The folder of the model's finished files, `<serving.log.folder>/<model>`. */
  readonly folder: string
  readonly model: string
  /** Types of keys and features, as their definitions say. @default by the values: numbers are doubles */
  readonly columns?: readonly ColumnSpec[]
  /** Lines in one transaction. @default 20000 */
  readonly batch?: number
  readonly signal?: AbortSignal
  /** Called after each transaction. */
  readonly onProgress?: (progress: PredictionsLoaded) => void
}

/** What a run has brought. */
export interface PredictionsLoaded {
  readonly model: string
  readonly table: string
  /** Files that had something new. */
  readonly files: number
  readonly rows: number
  /** Lines that are no predictions; all of them are in `monitoring.rejected_predictions`. */
  readonly rejected: number
  /** The first of those lines. */
  readonly findings: readonly RejectedLine[]
  /** Files that could not be read; the next run tries them again. */
  readonly failed: readonly { readonly file: string; readonly message: string }[]
}

/** A line that is no prediction. */
export interface RejectedLine {
  readonly file: string
  readonly line: number
  readonly reason: string
}

/** Findings that a report names one by one. */
const MOST_FINDINGS = 20

/**
 * Brings the finished files of a model's prediction log into its table that are not there yet, each line once, whenever a
 * run is killed and however many run at once. A file that has changed since, because keys were erased from it, replaces its
 * rows; one that was deleted leaves them, and so does one whose lines are in another file now.
 *
 * @throws MartletError TABLE_MISMATCH when a table of that name has other columns
 * @throws MartletError TRANSACTION_CONFLICT when others always came first
 * @throws MartletError CANCELLED when it was told to stop; what it has brought until then stays
 * @example await loadPredictions({ warehouse, folder: 'data/predictions/next_day_kwh', model: 'next_day_kwh' })
 */
export async function loadPredictions(options: LoadPredictions): Promise<PredictionsLoaded> {
  const { warehouse } = options
  await ensureTable(warehouse, predictionFiles)
  await ensureTable(warehouse, rejectedPredictions)
  const run = new LoadRun(options)
  await run.prepare()
  await run.takeAll(finishedFiles(options.folder))
  return run.progress
}

class LoadRun {
  progress: PredictionsLoaded
  readonly #options: LoadPredictions
  readonly #declared: ReadonlyMap<string, ColumnType>
  #reader: PredictionReader
  /** What is loaded, by file, with what this run has done. */
  #known = new Map<string, LoadedFile>()
  /** The files that are in the folder now. */
  #present: ReadonlySet<string> = new Set()

  constructor(options: LoadPredictions) {
    const table = predictionTable(options.model)
    this.#options = options
    this.#declared = new Map((options.columns ?? []).map(({ name, type }) => [keyColumn(name), storable(type)]))
    this.#reader = new PredictionReader(OWN_COLUMNS, this.#declared)
    this.progress = { model: options.model, table, files: 0, rows: 0, rejected: 0, findings: [], failed: [] }
  }

  async prepare(): Promise<void> {
    const { warehouse } = this.#options
    const existing = await warehouse.introspect(this.progress.table)
    if (existing === undefined) await ensureTable(warehouse, { table: this.progress.table, columns: OWN_COLUMNS })
    this.#startReader(existing ?? OWN_COLUMNS)
  }

  async takeAll(paths: readonly string[]): Promise<void> {
    const { warehouse, model } = this.#options
    this.#known = new Map(await loadedFiles(warehouse, model))
    this.#present = new Set(paths.map(nameOf))
    for (const path of paths) await this.#take(path)
  }

  /** Takes what is new in a file. A file that cannot be read does not keep the others back. */
  async #take(path: string): Promise<void> {
    const { folder } = this.#options
    const file = nameOf(path)
    const before = this.progress
    try {
      await this.#file(join(folder, path), file)
    } catch (error) {
      if (!isFileError(error)) throw error
      this.progress = { ...this.progress, failed: [...this.progress.failed, { file, message: error.message }] }
    }
    const { rows, rejected } = this.progress
    if (rows > before.rows || rejected > before.rejected)
      this.progress = { ...this.progress, files: this.progress.files + 1 }
  }

  async #file(path: string, file: string): Promise<void> {
    const { size, mtimeMs } = await stat(path)
    const stamp = { file, bytes: size, modified: Math.floor(mtimeMs) }
    const own = this.#known.get(file)
    if (own?.complete === true && own.bytes === stamp.bytes && own.modified === stamp.modified) return
    const sha256 = await sha256OfLines(path)
    const isSame = own?.sha256 === sha256
    if (isSame && own.complete) return this.#record({ ...own, ...stamp })
    const others = [...this.#known.values()].filter((one) => one.file !== file)
    const twin = isSame ? undefined : others.find((one) => one.sha256 === sha256)
    // The rows of a file that was moved have the name that it had then.
    const outdated =
      own === undefined || isSame
        ? []
        : [own, ...others.filter((one) => one.sha256 === own.sha256 && !this.#present.has(one.file))]
    const heir = own === undefined || isSame ? undefined : await this.#heirOf(own, path)
    if (heir === undefined) await this.#forget(outdated)
    else await this.#leave(outdated, heir)
    if (twin?.complete === false) await this.#forget([twin])
    // The same lines under another name: a file that was moved, or copied. The rows that a killed run left are replaced.
    if (twin?.complete === true) return this.#record({ ...twin, ...stamp })
    await this.#lines(path, { ...stamp, sha256, lines: 0, complete: false, keys: own?.keys ?? [] })
  }

  async #record(loaded: LoadedFile): Promise<void> {
    const { warehouse, model } = this.#options
    await inTurn(warehouse, this.progress.table, (transaction) => recordLoaded(transaction, model, loaded))
    this.#known.set(loaded.file, loaded)
  }

  /**
   * The file that has the lines of one whose name is used again, as after the rotation of a log. Undefined where the new
   * file begins with those lines, too, and brings them again.
   */
  async #heirOf(own: LoadedFile, path: string): Promise<LoadedFile | undefined> {
    if (!own.complete) return undefined
    const heir = [...this.#known.values()].find(
      ({ file, sha256, complete }) => file !== own.file && sha256 === own.sha256 && complete && this.#present.has(file),
    )
    return heir === undefined || (await sha256OfFirst(path, own.lines)) === own.sha256 ? undefined : heir
  }

  async #leave(files: readonly LoadedFile[], heir: LoadedFile): Promise<void> {
    await this.#change(files, (transaction, file) =>
      renameFile(transaction, this.progress.table, this.#options.model, file, heir.file),
    )
  }

  async #forget(files: readonly LoadedFile[]): Promise<void> {
    await this.#change(files, (transaction, file) =>
      forgetFile(transaction, this.progress.table, this.#options.model, file),
    )
  }

  /** Changes what the table has of some files, which are not loaded afterwards. */
  async #change(
    files: readonly LoadedFile[],
    change: (transaction: Warehouse, file: string) => Promise<void>,
  ): Promise<void> {
    if (files.length === 0) return
    await inTurn(this.#options.warehouse, this.progress.table, async (transaction) => {
      for (const { file } of files) await change(transaction, file)
    })
    for (const { file } of files) this.#known.delete(file)
  }

  async #lines(path: string, whole: LoadedFile): Promise<void> {
    const { warehouse, model, batch = LINES_A_BATCH, signal } = this.#options
    let loaded = (await loadedFiles(warehouse, model, whole.file)).get(whole.file) ?? whole
    for await (const block of blocksOf(path, { skip: loaded.lines, batch })) {
      if (signal?.aborted === true)
        throw new MartletError('CANCELLED', `Loading predictions of ${model} was stopped. Run it again to go on.`, {
          data: { model },
        })
      const done = await this.#land(loaded, { ...whole, lines: block.read, complete: block.last }, block)
      if (done === null) return
      loaded = done
      this.#known.set(done.file, done)
    }
  }

  /**
   * Writes some lines and how far the file is now, all or nothing. Null when another run has read the file meanwhile: it
   * reads the rest of it, too.
   */
  async #land(before: LoadedFile, then: LoadedFile, lines: LineBlock): Promise<LoadedFile | null> {
    const { warehouse, model, onProgress } = this.#options
    const { table } = this.progress
    for (let attempt = 1; ; attempt++) {
      try {
        const { batch, columns, added, keys, rejected } = this.#reader.read(then.file, lines)
        const after = { ...then, keys: [...new Set([...before.keys, ...keys])] }
        await this.#addColumns(columns, added)
        const isOurs = await inTurn(warehouse, table, async (transaction) => {
          const now = (await loadedFiles(transaction, model, after.file)).get(after.file)
          if ((now?.lines ?? 0) !== before.lines || (now !== undefined && now.sha256 !== after.sha256)) return false
          if (batch.rows > 0) await transaction.append(table, batch)
          if (rejected.length > 0)
            await transaction.append(rejectedPredictions.table, rejectedBatch(model, after, rejected))
          await recordLoaded(transaction, model, after)
          return true
        })
        if (!isOurs) return null
        const { rows, rejected: others, findings } = this.progress
        this.progress = {
          ...this.progress,
          rows: rows + batch.rows,
          rejected: others + rejected.length,
          findings: [...findings, ...rejected.map((one) => ({ file: after.file, ...one }))].slice(0, MOST_FINDINGS),
        }
        onProgress?.(this.progress)
        return after
      } catch (error) {
        if (!(error instanceof MartletError) || !BEHIND.has(error.code) || attempt === ATTEMPTS) throw error
        this.#startReader((await warehouse.introspect(table)) ?? OWN_COLUMNS)
        await sleep(Math.random() * 20 * attempt)
      }
    }
  }

  async #addColumns(columns: readonly ColumnSpec[], added: readonly ColumnSpec[]): Promise<void> {
    const { warehouse } = this.#options
    const { table } = this.progress
    if (added.length === 0) return
    try {
      await evolveTable(warehouse, { table, columns })
      this.#reader.added()
    } catch (cause) {
      // Another run adds columns at the same moment, in statements of their own.
      const why = `Columns cannot be added to ${table}: ${cause instanceof Error ? cause.message : String(cause)}`
      throw new MartletError('TRANSACTION_CONFLICT', why, { data: { table }, cause })
    }
  }

  #startReader(columns: readonly ColumnSpec[]): void {
    this.#reader = new PredictionReader(columns, this.#declared)
  }
}

/** Another run has written first: the batch is written behind it, unless it was of the same file. */
const BEHIND: ReadonlySet<string> = new Set([
  'TRANSACTION_CONFLICT',
  'APPEND_FAILED',
  'APPEND_MISMATCH',
  'TABLE_MISMATCH',
])

function rejectedBatch(model: string, { file }: LoadedFile, rejected: PredictionBlock['rejected']): ColumnBatch {
  return columnBatch({
    model: { type: 'text', values: rejected.map(() => model) },
    log_file: { type: 'text', values: rejected.map(() => file) },
    log_line: { type: 'bigint', values: rejected.map(({ line }) => line) },
    reason: { type: 'text', values: rejected.map(({ reason }) => reason) },
  })
}

/** A column of the log is wide enough for what later definitions may say. */
function storable(type: ColumnType): ColumnType {
  return type === 'integer' ? 'bigint' : type
}

function isFileError(error: unknown): error is Error {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && /^(E[A-Z]+|Z_\w+)$/.test(error.code)
  )
}
