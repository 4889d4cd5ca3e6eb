import { readdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { MartletError } from '@martlet/warehouse'
import { Counter } from 'prom-client'
import type { MetricsPage } from '../desk/desk-metrics.ts'
import { Problem } from '../desk/problem.ts'
import { openLogFile, type LogFile } from '../log/log-file.ts'
import { recoverLogs } from '../log/recover.ts'
import { auditLine, type AuditEntry } from './audit-line.ts'

export interface AuditOptions {
  /** Files go to `<folder>/reads/<date>/….jsonl`. Only this user can read what is made there. */
  readonly folder: string
  /** Whether requests are refused while lines cannot be written. @default false: they are answered, and lines that are lost are counted */
  readonly required?: boolean
  /** A file is finished when it is this large, and at the end of a day (UTC). @default 64 MiB */
  readonly maxBytes?: number
  /** Finished files that are kept; the oldest are deleted. @default 100 */
  readonly keepFiles?: number
  /** Lines are written this often, in milliseconds. @default 250 */
  readonly flushMs?: number
  /** Lines that may wait in memory while the disk does not take them. @default 50000 */
  readonly queueLines?: number
}

/** Who asked for what. Lines are written after the answers, many at a time. */
export interface AuditLog {
  offer(entry: AuditEntry): void
  /** Whether requests must be refused, because what they do could not be written down. */
  refuses(): boolean
  /** Writes what is waiting. */
  flush(): Promise<void>
  /** Writes what is waiting and finishes the file. */
  close(): Promise<void>
}

/** What a request is told that cannot be audited. */
export function unaudited(): Problem {
  const detail = 'Requests are audited here, and that is not possible at the moment.'
  return new Problem(503, 'AUDIT_UNAVAILABLE', detail, { retryAfter: 5 })
}

const READS = 'reads'
/** Making them takes the thread for less than a millisecond, and requests are answered before the next ones. */
const LINES_AT_ONCE = 200
/** Files of other machines that were not written for so long are finished. */
const STALE_MS = 172_800_000

/**
 * Opens an audit, and finishes the files that a killed process left open.
 *
 * @throws MartletError `INVALID_AUDIT` when an option is not a whole number of at least 1
 */
export function auditLog(
  options: AuditOptions,
  page: MetricsPage,
  onError: (error: unknown) => void,
  worker?: number,
): AuditLog {
  const { folder, required = false } = options
  const { maxBytes, keepFiles, flushMs, queueLines } = checked(options)
  const metrics = auditMetrics(page)
  let waiting: AuditEntry[] = []
  let file: LogFile | undefined
  /** Whether the last attempt to write has failed; before the first one, whether it has to be made. */
  let failing = required
  let reported = false
  let torn = false
  let closed = false
  let flushing: Promise<void> = recoverLogs(folder, STALE_MS).then(() => undefined, onError)
  const timer = setInterval(() => void flush(), flushMs)
  timer.unref()
  if (required) void flush()

  function flush(): Promise<void> {
    flushing = flushing.then(writeWaiting)
    return flushing
  }

  async function writeWaiting(): Promise<void> {
    try {
      if (file !== undefined && dayOf(file.openedAt) !== dayOf(Date.now())) await finish()
      if (required && file === undefined) file = await open()
      while (waiting.length > 0) await write(waiting.slice(0, LINES_AT_ONCE))
      failing = false
      reported = false
    } catch (error) {
      if (!reported) onError(error)
      failing = true
      reported = true
      torn = file !== undefined
    }
  }

  async function write(entries: readonly AuditEntry[]): Promise<void> {
    file ??= await open()
    const text = entries.map(auditLine).join('')
    // What a failed attempt has left of a line must not run into the next one.
    await file.append(torn ? `\n${text}` : text)
    torn = false
    waiting = waiting.slice(entries.length)
    metrics.lines.inc(entries.length)
    if (file.bytes >= maxBytes) await finish()
  }

  function open(): Promise<LogFile> {
    return openLogFile({ folder, worker }, READS, new Date())
  }

  async function finish(): Promise<void> {
    const finished = file
    file = undefined
    if (finished === undefined) return
    await finished.finish()
    await removeOldest(join(folder, READS), keepFiles)
  }

  return {
    offer(entry) {
      if (closed) return
      if (waiting.length >= queueLines && !required) metrics.dropped.inc()
      else waiting.push(entry)
    },
    refuses: () => required && (failing || waiting.length >= queueLines),
    flush,
    async close() {
      closed = true
      clearInterval(timer)
      await flush()
      if (waiting.length > 0) metrics.dropped.inc(waiting.length)
      await finish().catch(onError)
    },
  }
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}

/** The metrics of an audit. */
export function auditMetrics({ registry }: MetricsPage): { readonly lines: Counter; readonly dropped: Counter } {
  const registers = [registry]
  return {
    lines: new Counter({ name: 'martlet_audit_lines_total', help: 'Lines written to the audit', registers }),
    dropped: new Counter({
      name: 'martlet_audit_dropped_total',
      help: 'Lines of the audit that were lost, because the disk did not take them',
      registers,
    }),
  }
}

/** Their names begin with the time, in folders of days. Other workers may delete the same ones. */
async function removeOldest(folder: string, keep: number): Promise<void> {
  const finished: string[] = []
  for (const day of (await readdir(folder)).sort()) {
    const names = (await readdir(join(folder, day))).filter((name) => name.endsWith('.jsonl')).sort()
    finished.push(...names.map((name) => join(folder, day, name)))
  }
  for (const path of finished.slice(0, Math.max(0, finished.length - keep))) await unlink(path).catch(ignoreMissing)
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
}

type Numbers = Required<Pick<AuditOptions, 'maxBytes' | 'keepFiles' | 'flushMs' | 'queueLines'>>

function checked({ maxBytes, keepFiles, flushMs, queueLines }: AuditOptions): Numbers {
  const numbers = {
    maxBytes: maxBytes ?? 67_108_864,
    keepFiles: keepFiles ?? 100,
    flushMs: flushMs ?? 250,
    queueLines: queueLines ?? 50_000,
  }
  for (const [name, value] of Object.entries(numbers))
    if (!(Number.isSafeInteger(value) && value >= 1))
      throw new MartletError('INVALID_AUDIT', `audit.${name} is ${value}. Give a whole number of at least 1.`)
  return numbers
}
