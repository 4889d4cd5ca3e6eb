import { createReadStream, createWriteStream } from 'node:fs'
import { open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { isProcessAlive, type KeyMentions } from '@martlet/feature-store'
import { OPEN_SUFFIX } from './log-file.ts'
import { recoverLogs } from './recover.ts'

export interface LogErasure {
  /** Removed lines by file; in a dry run, the lines that would be removed. */
  readonly removed: readonly { readonly kind: 'predictions'; readonly place: string; readonly rows: number }[]
  /** Files that hold such lines but could not be changed, and why. */
  readonly unreached: readonly string[]
}

export interface LogErasureOptions {
  readonly mentions: KeyMentions
  /** Whether the keys of a service belong to the entity: `id` may belong to another one. @default all do */
  readonly isAbout?: (service: string) => boolean
  /** @default false */
  readonly dryRun?: boolean
}

/**
 * Removes the predictions for some keys from the finished files of a log (`.jsonl`, and `.jsonl.gz` that a user made). A file is
 * replaced as a whole or not at all. Files that a running server writes to are listed as unreached: the server finishes them
 * after a few minutes, or when it stops.
 */
export async function eraseLogRows(folder: string, options: LogErasureOptions): Promise<LogErasure> {
  const { dryRun = false } = options
  if (!dryRun) {
    await recoverLogs(folder, 3_600_000)
    await removeAbandoned(folder)
  }
  const removed: LogErasure['removed'][number][] = []
  const unreached: string[] = []
  for (const file of await filesIn(folder)) {
    if (file.endsWith('.parquet')) {
      unreached.push(`${file}: a Parquet file in the prediction log. Name it with --files.`)
      continue
    }
    const rows = await countLines(file, options)
    if (rows === 0) continue
    if (file.endsWith(OPEN_SUFFIX)) {
      unreached.push(
        `${file}: ${rows} lines in a file that is being written. Erase again once the server has finished it.`,
      )
      continue
    }
    if (!dryRun) await rewrite(file, options)
    removed.push({ kind: 'predictions', place: file, rows })
  }
  return { removed, unreached }
}

const UNFINISHED_SUFFIX = '.erasing'

/** The leftovers of killed erasures may hold the very keys that this one removes. */
async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder, { recursive: true }).catch(noFolder)) {
    const [, pid] = /\.(\d+)\.erasing$/.exec(name) ?? []
    if (pid !== undefined && (Number(pid) === process.pid || !isProcessAlive(Number(pid))))
      await rm(join(folder, name), { force: true })
  }
}

/** A folder that does not exist holds nothing. One that cannot be read may hold anything, and must not count as erased. */
function noFolder(error: unknown): readonly never[] {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
  throw error
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(noFolder)
  const files = found.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  return files
    .filter((file) => /\.(jsonl(\.gz)?|parquet)$/.test(file) || file.endsWith(`.jsonl${OPEN_SUFFIX}`))
    .toSorted()
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const bytes = createReadStream(file)
  yield* createInterface({
    input: file.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes,
    crlfDelay: Number.POSITIVE_INFINITY,
  })
}

async function countLines(file: string, options: LogErasureOptions): Promise<number> {
  let rows = 0
  for await (const line of linesOf(file)) if (isErased(line, options)) rows++
  return rows
}

async function rewrite(file: string, options: LogErasureOptions): Promise<void> {
  const unfinished = `${file}.${process.pid}${UNFINISHED_SUFFIX}`
  const kept = async function* (): AsyncGenerator<string> {
    for await (const line of linesOf(file)) if (!isErased(line, options)) yield `${line}\n`
  }
  try {
    const target = createWriteStream(unfinished, { mode: 0o600 })
    await (file.endsWith('.gz') ? pipeline(kept, createGzip(), target) : pipeline(kept, target))
    await using handle = await open(unfinished, 'r')
    await handle.sync()
    await rename(unfinished, file)
  } catch (error) {
    await rm(unfinished, { force: true })
    throw error
  }
}

/** A line that is not JSON is half a line of a file that is being written, and holds no prediction. */
function isErased(line: string, { mentions, isAbout = () => true }: LogErasureOptions): boolean {
  let read: unknown
  try {
    read = JSON.parse(line, exact)
  } catch {
    return false
  }
  if (typeof read !== 'object' || read === null || !('keys' in read) || !isRecord(read.keys)) return false
  const service = 'service' in read && typeof read.service === 'string' ? read.service : ''
  return isAbout(service) && mentions.isKey(read.keys)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whole numbers beyond 2^53 keep their digits. */
function exact(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || context?.source === undefined) return value
  return Number.isSafeInteger(value) || !/^-?\d+$/.test(context.source) ? value : context.source
}
