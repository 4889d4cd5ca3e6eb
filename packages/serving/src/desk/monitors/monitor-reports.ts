import { hash } from 'node:crypto'
import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import {
  actionsFor,
  monitorSummary,
  toHtml,
  type Cause,
  type DriftResult,
  type Finding,
  type MonitorSummary,
} from '@martlet/drift'
import { driftResultOf } from './drift-result.ts'

/** The reports of monitors as `martlet drift` wrote them: the JSON files of one folder. */
export interface MonitorReports {
  /** By name. */
  list(): Promise<readonly KnownMonitor[]>
  /** What is known of one; undefined when there is no such monitor. */
  find(monitor: string): Promise<KnownMonitor | undefined>
  /** The newest of a monitor; undefined when there is no such monitor, or its file is gone. */
  report(monitor: string): Promise<MonitorReport | undefined>
}

/** What is kept of a file, so that it is read once and not by every request. */
export interface KnownMonitor {
  readonly summary: MonitorSummary
  readonly actions: readonly string[]
  /** Of the latest window. */
  readonly findings: readonly Pick<Finding, 'kind' | 'column' | 'severity' | 'sentence'>[]
  readonly causes: readonly Cause[]
}

export interface MonitorReport {
  /** The file itself. */
  readonly json: string
  /** The page for people. */
  html(): string
}

/** Files read at most; the others, by name, are passed over. */
const MOST_FILES = 1000
/** A result of 100 columns and 30 windows has about 9 MB. */
const MOST_BYTES = 33_554_432
/** For so long the folder is not looked at again. */
const RECHECK_MS = 1000
/** Pages kept, the latest that were asked for. */
const MOST_PAGES = 8

interface Known extends KnownMonitor {
  readonly file: string
  /** Changes whenever the file is written again. */
  readonly version: string
}

/**
 * Reads a folder of reports. A file is read again when it has changed; what is no report, is too large or is a link is
 * passed over and told to `onError` once.
 */
export function monitorReports(
  folder: string,
  onError: (error: unknown) => void,
  recheckMs: number = RECHECK_MS,
): MonitorReports {
  let known: ReadonlyMap<string, Known> = new Map()
  let byFile: ReadonlyMap<string, Known> = new Map()
  const refused = new Map<string, string>()
  const pages = new Map<string, string>()
  let looking: Promise<ReadonlyMap<string, Known>> | undefined
  let lookedAt = -Infinity

  async function look(): Promise<ReadonlyMap<string, Known>> {
    const found = new Map<string, Known>()
    const files = new Map<string, Known>()
    for (const file of await reportFiles(folder)) {
      const version = await versionOf(join(folder, file))
      if (version === undefined || refused.get(file) === version) continue
      const old = byFile.get(file)
      const one = old?.version === version ? old : await read(file, version)
      if (one === undefined) continue
      files.set(file, one)
      const { monitor, evaluatedAt } = one.summary
      const other = found.get(monitor)
      if (other === undefined || other.summary.evaluatedAt < evaluatedAt) found.set(monitor, one)
    }
    byFile = files
    known = found
    return found
  }

  async function read(file: string, version: string): Promise<Known | undefined> {
    try {
      const result = driftResultOf(await textOf(join(folder, file)))
      return { ...knownOf(result), file, version }
    } catch (error) {
      if (refused.size >= MOST_FILES) refused.clear()
      refused.set(file, version)
      onError(new Error(`${file} is passed over: it is no report of a monitor.`, { cause: error }))
      return undefined
    }
  }

  /**
   * What a file holds now; undefined when it is gone, or not the report that was looked for. One that has not been written
   * since it was read is not read through again: a large one keeps the process busy for a second.
   */
  async function written({ file, version, summary: { monitor } }: Known): Promise<string | undefined> {
    try {
      const path = join(folder, file)
      const json = await textOf(path)
      if ((await versionOf(path)) === version) return json
      // Since the folder was looked at, the file may have become that of a monitor which the caller must not see.
      return driftResultOf(json).monitor === monitor ? json : undefined
    } catch {
      return undefined
    }
  }

  function current(): Promise<ReadonlyMap<string, Known>> {
    if (performance.now() - lookedAt < recheckMs) return Promise.resolve(known)
    looking ??= look().finally(() => {
      lookedAt = performance.now()
      looking = undefined
    })
    return looking
  }

  function page({ file }: Known, json: string): string {
    const key = `${file} ${hash('sha256', json)}`
    const html = pages.get(key) ?? toHtml(driftResultOf(json))
    pages.delete(key)
    pages.set(key, html)
    const [oldest] = pages.keys()
    if (pages.size > MOST_PAGES && oldest !== undefined) pages.delete(oldest)
    return html
  }

  return {
    async list() {
      const all = [...(await current()).values()]
      return all.toSorted((a, b) => (a.summary.monitor < b.summary.monitor ? -1 : 1))
    },
    async find(monitor) {
      return (await current()).get(monitor)
    },
    async report(monitor) {
      // The name is looked up among the files that were found: no path is made of it.
      const one = (await current()).get(monitor)
      if (one === undefined) return undefined
      const json = await written(one)
      return json === undefined ? undefined : { json, html: () => page(one, json) }
    },
  }
}

function knownOf(result: DriftResult): KnownMonitor {
  const latest = result.windows.at(-1)
  const findings = (latest?.findings ?? []).map(({ kind, column, severity, sentence }) => ({
    kind,
    column,
    severity,
    sentence,
  }))
  return { summary: monitorSummary(result), actions: actionsFor(result), findings, causes: latest?.causes ?? [] }
}

/** Regular files with the ending of results, in the order of their names; none when there is no folder yet. */
async function reportFiles(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    return entries
      .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
      .map(({ name }) => name)
      .toSorted()
      .slice(0, MOST_FILES)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}

async function versionOf(path: string): Promise<string | undefined> {
  try {
    const { mtimeMs, size, ino } = await stat(path)
    return `${mtimeMs} ${size} ${ino}`
  } catch {
    return undefined
  }
}

async function textOf(path: string): Promise<string> {
  await using file = await open(path, 'r')
  const { size } = await file.stat()
  if (size > MOST_BYTES) throw new Error(`${size} bytes are more than the ${MOST_BYTES} that are read.`)
  return file.readFile('utf8')
}
