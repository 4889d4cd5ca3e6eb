import { jsonRows, MartletError, type Warehouse } from '@martlet/warehouse'
import type { IngestPlan } from '../../plan/ingest-plan.ts'
import type { EventReader } from '../event-reader.ts'
import { landEvents } from '../landing/land-events.ts'
import type { Landing, LandingEvent } from '../landing/landing.ts'
import { landingOf } from '../landing/landing-of.ts'
import { ensureLedger, progressOf, type SourceProgress } from '../landing/ledger.ts'
import { ensureRawTables } from '../landing/raw-tables.ts'
import { eventReader } from '../read-events.ts'
import { ensureFileLedger, readFiles, recordFile, type ReadFile } from './file-ledger.ts'
import { markOf, sha256Of } from './file-mark.ts'
import { followedFiles, type FollowedFile } from './followed-files.ts'
import { readLines } from './read-lines.ts'

/** Events that one transaction brings into the warehouse. */
const EVENTS_A_BATCH = 20_000

/** How often events are landed again when others come first. */
const ATTEMPTS = 20

export interface IngestFilesOptions {
  readonly warehouse: Warehouse
  readonly source: IngestPlan
  /** A folder, a file, or a pattern such as `incoming/*.jsonl`. */
  readonly from: string
  /** Events in one transaction. @default 20000 */
  readonly batch?: number
  readonly signal?: AbortSignal
  /** Called after each transaction. */
  readonly onProgress?: (progress: FilesProgress) => void
  /** Microseconds since the epoch. @default the clock */
  readonly now?: () => bigint
  /** What a run before has seen of files that are read as a whole, so that they are not hashed again. @default nothing */
  readonly seen?: Map<string, string>
}

/** What has come from files. */
export interface FilesProgress {
  readonly source: string
  /** Files with something new. */
  readonly files: number
  readonly events: number
  readonly rejected: number
  /** Files that could not be read; they are tried again by the next run. */
  readonly failed: readonly { readonly path: string; readonly message: string }[]
}

/**
 * Brings the events of files into the warehouse that are not there yet, with how far each file has been read in the same
 * transaction. Files of JSON lines may grow; CSV and Parquet files are read as a whole. Renamed files, and files that come
 * again, bring nothing twice.
 *
 * @throws MartletError FILE_NOT_FOUND when there is no such folder or file
 * @throws MartletError INGEST_TABLE_MISMATCH, TABLE_MISMATCH when a table lacks columns
 * @throws MartletError CANCELLED when it was told to stop; what it has brought until then stays
 * @example await ingestFiles({ warehouse, source: payments.plan, from: 'incoming' })
 */
export async function ingestFiles(options: IngestFilesOptions): Promise<FilesProgress> {
  const { warehouse, source, from } = options
  const files = await followedFiles(from)
  return warehouse.session(async (session) => {
    const landing = landingOf(source)
    await ensureRawTables(session, source)
    await ensureLedger(session, source.name)
    await ensureFileLedger(session)
    await landing.prepare(session)
    const run = new FilesRun(session, landing, eventReader(source), options)
    for (const file of files) await run.take(file)
    return run.progress
  })
}

class FilesRun {
  progress: FilesProgress
  readonly #session: Warehouse
  readonly #landing: Landing
  readonly #reader: EventReader
  readonly #options: IngestFilesOptions

  constructor(session: Warehouse, landing: Landing, reader: EventReader, options: IngestFilesOptions) {
    this.#session = session
    this.#landing = landing
    this.#reader = reader
    this.#options = options
    this.progress = { source: options.source.name, files: 0, events: 0, rejected: 0, failed: [] }
  }

  /** Takes what is new in a file. A file that cannot be read does not keep others back. */
  async take(file: FollowedFile): Promise<void> {
    const { events } = this.progress
    try {
      await (file.format === 'json lines' && !file.gzip ? this.#growing(file) : this.#whole(file))
    } catch (error) {
      if (!(error instanceof MartletError) && !isFileError(error)) throw error
      if (error instanceof MartletError && !UNREADABLE.has(error.code)) throw error
      this.progress = {
        ...this.progress,
        failed: [...this.progress.failed, { path: file.path, message: error.message }],
      }
    }
    if (this.progress.events > events) this.progress = { ...this.progress, files: this.progress.files + 1 }
  }

  async #growing(file: FollowedFile): Promise<void> {
    const known = await readFiles(this.#session, this.#options.source.name)
    const own = known.find(({ path }) => path === file.path)
    const before = await readAlready(file, own, known)
    if (before !== undefined && before.readTo >= file.size) {
      if (before !== own) await this.#land(own, { ...before, path: file.path, size: file.size }, [])
      return
    }
    const { readTo = 0, lines: count = 0 } = before ?? {}
    let last = own
    for await (const part of readLines(file, { from: readTo, batch: this.#batch })) {
      const events = part.lines.map(({ number, bytes }) => this.#event(file, count + number, bytes))
      const end = readTo + part.bytes
      const next: ReadFile = {
        path: file.path,
        size: Math.max(file.size, end),
        readTo: end,
        lines: count + part.count,
        sha256: await markOf(file.path, end),
        complete: end >= file.size,
      }
      await this.#land(last, next, events)
      last = next
    }
  }

  async #whole(file: FollowedFile): Promise<void> {
    const { seen, source } = this.#options
    const stamp = `${file.size} ${file.modified}`
    if (seen?.get(file.path) === stamp) return
    const sha256 = await sha256Of(file.path)
    const known = await readFiles(this.#session, source.name)
    const own = known.find(({ path }) => path === file.path)
    const same = [own, ...known].find((one) => one?.sha256 === sha256 && one.size === file.size)
    const all = { path: file.path, size: file.size, readTo: file.size, sha256 }
    if (same?.complete !== true) {
      let lines = same?.lines ?? 0
      let last = own
      for await (const part of this.#parts(file, lines)) {
        const next: ReadFile = { ...all, readTo: 0, lines: lines + part.count, complete: false }
        const before = lines
        await this.#land(
          last,
          next,
          part.lines.map(({ number, bytes }) => this.#event(file, before + number, bytes)),
        )
        lines = next.lines
        last = next
      }
      await this.#land(last, { ...all, lines, complete: true }, [])
    } else if (same !== own) await this.#land(own, { ...all, lines: same.lines, complete: true }, [])
    seen?.set(file.path, stamp)
  }

  /** The rows of a file that is read as a whole, without the first ones; each part is numbered from 1. */
  async *#parts(file: FollowedFile, skip: number): AsyncIterable<FilePart> {
    if (file.format === 'json lines') {
      let done = 0
      for await (const { lines, count } of readLines(file, { batch: this.#batch })) {
        const fresh = lines.filter(({ number }) => number > Math.max(skip, done))
        const from = Math.max(skip, done)
        if (count > from)
          yield { lines: fresh.map(({ number, bytes }) => ({ number: number - from, bytes })), count: count - from }
        done = count
      }
      return
    }
    const { columns } = this.#options.source.into
    for await (const rows of jsonRows({ path: file.path, format: file.format, columns, skip, batchRows: this.#batch }))
      yield { lines: rows.map((text, index) => ({ number: index + 1, bytes: Buffer.from(text) })), count: rows.length }
  }

  #event(file: FollowedFile, line: number, bytes: Uint8Array): Omit<LandingEvent, 'position'> {
    const arrived = this.#now()
    const { id, body = bytes } = this.#reader.read({ body: bytes }, arrived)
    return { id, body, arrived, origin: `${file.path}:${line}` }
  }

  async #land(
    before: ReadFile | undefined,
    after: ReadFile,
    events: readonly Omit<LandingEvent, 'position'>[],
  ): Promise<void> {
    const { source, signal, onProgress } = this.#options
    if (signal?.aborted === true)
      throw new MartletError('CANCELLED', `Ingesting source ${source.name} was stopped. Run it again to go on.`, {
        data: { source: source.name },
      })
    const at = this.#now()
    for (let attempt = 1; ; attempt++) {
      const from = (await progressOf(this.#session, source.name)) ?? notYet(source.name)
      try {
        const { rejected } = await landEvents(this.#session, {
          plan: source,
          landing: this.#landing,
          from,
          events,
          at,
          also: (transaction) => recordFile(transaction, source.name, before, after, at),
        })
        this.progress = {
          ...this.progress,
          events: this.progress.events + events.length,
          rejected: this.progress.rejected + rejected,
        }
        if (events.length > 0) onProgress?.(this.progress)
        return
      } catch (error) {
        const behind = error instanceof MartletError && BEHIND.has(error.code) && error.data['path'] === undefined
        if (!behind || attempt === ATTEMPTS) throw error
      }
    }
  }

  get #batch(): number {
    return this.#options.batch ?? EVENTS_A_BATCH
  }

  #now(): bigint {
    return this.#options.now?.() ?? BigInt(Date.now()) * 1000n
  }
}

interface FilePart {
  readonly lines: readonly { readonly number: number; readonly bytes: Uint8Array }[]
  readonly count: number
}

/** Others have landed events first: those of the file are landed behind them, unless it is the file that others read. */
const BEHIND: ReadonlySet<string> = new Set(['INGEST_OVERTAKEN', 'TRANSACTION_CONFLICT'])

const UNREADABLE: ReadonlySet<string> = new Set(['LOAD_FAILED', 'FILE_NOT_FOUND'])

function isFileError(error: unknown): error is Error {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && /^(E[A-Z]+|Z_\w+)$/.test(error.code)
  )
}

function notYet(source: string): SourceProgress {
  return { source, drained: 0n, landed: 0n, landedAt: 0n }
}

/** How far a file has been read, under its name or, when it was renamed, under another. */
async function readAlready(
  file: FollowedFile,
  own: ReadFile | undefined,
  known: readonly ReadFile[],
): Promise<ReadFile | undefined> {
  const others = known.filter((one) => one !== own).toSorted((a, b) => b.readTo - a.readTo)
  for (const one of own === undefined ? others : [own, ...others])
    if (one.readTo > 0 && one.readTo <= file.size && (await markOf(file.path, one.readTo)) === one.sha256) return one
  return undefined
}
