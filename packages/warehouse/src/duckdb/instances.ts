import { chmodSync, existsSync, realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { MartletError } from '../errors.ts'
import type { Waiting } from '../wait-while.ts'
import { firstLine } from './errors.ts'

/** Settings of one DuckDB instance; they apply to every warehouse of this process on the same file. */
export interface DuckDbOptions {
  /** The database file, created when missing, for this user only. @default ':memory:' (private to this warehouse) */
  readonly path?: string
  /** How much DuckDB keeps in memory before it spills to disk, such as '2GB'. @default 80 % of the machine */
  readonly memoryLimit?: string
  /** Worker threads. @default one per core */
  readonly threads?: number
  /** Where DuckDB spills. @default `<path>.tmp` next to the file */
  readonly tempDirectory?: string
  /** How long to wait while another process has the file open. @default not at all: `WAREHOUSE_LOCKED` at once */
  readonly wait?: Waiting
}

/** A use of an instance; the last release closes it. */
export interface InstanceLease {
  readonly instance: DuckDBInstance
  release(): void
}

interface OpenInstance {
  readonly instance: Promise<DuckDBInstance>
  readonly settings: Readonly<Record<string, string>>
  users: number
}

// One instance per file: two in one process would overwrite each other's committed rows.
const open = new Map<string, OpenInstance>()

export async function leaseInstance(options: DuckDbOptions): Promise<InstanceLease> {
  const path = options.path ?? ':memory:'
  const settings = instanceSettings(options)
  if (path === ':memory:') {
    const instance = await start(path, () => DuckDBInstance.create(path, settings))
    return { instance, release: once(() => instance.closeSync()) }
  }
  const file = realPath(path)
  let entry = open.get(file)
  if (entry === undefined) {
    entry = { instance: start(file, () => DuckDBInstance.fromCache(file, settings)), settings, users: 0 }
    open.set(file, entry)
  } else {
    refuseOtherSettings(file, entry.settings, settings)
  }
  const held = entry
  held.users++
  const release = once(() => {
    if (--held.users > 0) return
    open.delete(file)
    void held.instance.then(
      (instance) => instance.closeSync(),
      () => undefined,
    )
  })
  try {
    return { instance: await held.instance, release }
  } catch (error) {
    release()
    throw error
  }
}

function instanceSettings(options: DuckDbOptions): Record<string, string> {
  return {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    ...(options.memoryLimit === undefined ? {} : { memory_limit: options.memoryLimit }),
    ...(options.threads === undefined ? {} : { threads: String(options.threads) }),
    ...(options.tempDirectory === undefined ? {} : { temp_directory: options.tempDirectory }),
  }
}

async function start(path: string, create: () => Promise<DuckDBInstance>): Promise<DuckDBInstance> {
  const found = path === ':memory:' || existsSync(path)
  try {
    const instance = await create()
    if (!found) makePrivate(path)
    const connection = await instance.connect()
    await connection.run("SET GLOBAL TimeZone = 'UTC'")
    connection.disconnectSync()
    return instance
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    if (message.includes('Could not set lock on file')) {
      const holder = /Conflicting lock is held in (.*?)(?: by user|\. See|$)/m.exec(message)?.[1]
      throw new MartletError(
        'WAREHOUSE_LOCKED',
        `${path} is open in another process${holder === undefined ? '' : `: ${holder}`}. A DuckDB file has one writing ` +
          'process at a time: wait for that process or stop it, then try again; `wait` (on the command line `--wait 10m`) ' +
          'waits for it.',
        { data: { path, ...(holder === undefined ? {} : { holder }) }, cause },
      )
    }
    throw new MartletError(
      'WAREHOUSE_OPEN_FAILED',
      `${path} cannot be opened as a DuckDB database: ${firstLine(message).replace(/\.$/, '')}. Check the path and the file.`,
      {
        data: { path },
        cause,
      },
    )
  }
}

/** DuckDB creates files with the umask's mode, and does not accept an empty file made before. */
function makePrivate(path: string): void {
  try {
    chmodSync(path, 0o600)
  } catch {
    // A file system without modes.
  }
}

function refuseOtherSettings(
  path: string,
  has: Readonly<Record<string, string>>,
  wants: Readonly<Record<string, string>>,
): void {
  const differing = Object.keys(wants).filter((name) => wants[name] !== has[name])
  if (differing.length === 0) return
  throw new MartletError(
    'WAREHOUSE_SETTINGS_DIFFER',
    `${path} is open in this process with other settings for ${differing.join(', ')}. ` +
      'Close it first, or open it with the same settings.',
    { data: { path, settings: differing } },
  )
}

function realPath(path: string): string {
  const absolute = resolve(path)
  try {
    return realpathSync(absolute)
  } catch {
    try {
      return join(realpathSync(dirname(absolute)), basename(absolute))
    } catch (cause) {
      throw new MartletError(
        'WAREHOUSE_OPEN_FAILED',
        `${absolute} cannot be opened: its folder does not exist. Create ${dirname(absolute)} first.`,
        {
          data: { path: absolute },
          cause,
        },
      )
    }
  }
}

function once(action: () => void): () => void {
  let done = false
  return () => {
    if (done) return
    done = true
    action()
  }
}
