import { accessSync, constants, mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Catalog, OnlineStore } from '@martlet/feature-store'
import type { Registry } from '@martlet/registry'
import { MartletError, type Waiting, type Warehouse } from '@martlet/warehouse'
import { loadConfig } from '../config/load-config.ts'
import type { MartletConfig } from '../config/martlet-config.ts'
import { openRedis } from './redis.ts'
import { openConfiguredSnowflake } from './snowflake.ts'
import { readDefinitions, type ProjectDefinitions } from './definitions.ts'

/** Absolute paths of what a configuration names. */
export interface ProjectPaths {
  /** The DuckDB file, or `:memory:`. Null: the warehouse is an account, not a file. */
  readonly warehouse: string | null
  /** Null: the catalog is in the warehouse. */
  readonly catalog: string | null
  /** Null: in no folder. */
  readonly online: string | null
  readonly artifacts: string
  readonly reports: string
  /** Null: predictions are not logged. */
  readonly log: string | null
}

/** The four places of one configuration; each is opened when it is first asked for, and once. */
export interface Project extends AsyncDisposable {
  readonly config: MartletConfig
  readonly folder: string
  readonly paths: ProjectPaths
  definitions(): Promise<ProjectDefinitions>
  /** Opens the DuckDB file, which one process at a time may (`WAREHOUSE_LOCKED`), or logs in to Snowflake. */
  warehouse(): Promise<Warehouse>
  catalog(): Promise<Catalog>
  online(): Promise<OnlineStore>
  registry(): Promise<Registry>
  /** Closes what was opened. */
  close(): Promise<void>
}

/**
 * Opens a project from its configuration; relative paths count from `folder`, by default the working folder. `wait` says how long to
 * wait for a DuckDB file that another process has open.
 *
 * @example await using project = openProject(config, { folder: import.meta.dirname })
 */
export function openProject(
  config: MartletConfig,
  options: { readonly folder?: string; readonly wait?: Waiting } = {},
): Project {
  const folder = resolve(options.folder ?? '.')
  const at = (path: string): string => resolve(folder, path)
  const fileAt = (path: string): string => (path === ':memory:' ? path : at(path))
  const paths: ProjectPaths = {
    warehouse: config.warehouse.duckdb === undefined ? null : fileAt(config.warehouse.duckdb),
    catalog: config.catalog.sqlite === undefined ? null : at(config.catalog.sqlite),
    online: config.online !== 'memory' && 'lmdb' in config.online ? at(config.online.lmdb) : null,
    artifacts: at(config.artifacts.folder),
    reports: at(config.reports ?? 'reports'),
    log: config.serving?.log === undefined ? null : at(config.serving.log.folder),
  }
  const opened: (() => Promise<unknown>)[] = []
  const closing = <T extends { close(): unknown }>(place: T): T => {
    opened.push(async () => place.close())
    return place
  }
  const warehouse = once(async () => {
    if (config.warehouse.snowflake !== undefined)
      return closing(await openConfiguredSnowflake(config.warehouse.snowflake, at))
    const { openDuckDb } = await import('@martlet/warehouse')
    const { duckdb, snowflake: _, ...settings } = config.warehouse
    const path = fileAt(duckdb)
    if (path !== ':memory:') prepareFolder(dirname(path), 'warehouse.duckdb')
    return closing(
      await openDuckDb({ path, ...settings, ...(options.wait === undefined ? {} : { wait: options.wait }) }),
    )
  })
  const catalog = once(async () => {
    const { openCatalog } = await import('@martlet/feature-store')
    if (config.catalog.snowflake !== undefined)
      return closing(await openCatalog({ warehouse: await warehouse(), ...config.catalog.snowflake }))
    const path = at(config.catalog.sqlite)
    prepareFolder(dirname(path), 'catalog.sqlite')
    return closing(await openCatalog({ path }))
  })
  const online = once(async () => {
    if (config.online !== 'memory' && 'redis' in config.online) return closing(await openRedis(config.online.redis))
    const { openLmdbStore, openMemoryStore } = await import('@martlet/feature-store')
    if (paths.online === null) return closing(openMemoryStore())
    prepareFolder(paths.online, 'online.lmdb')
    return closing(openLmdbStore({ path: paths.online }))
  })
  const registry = once(async () => {
    const { folderArtifacts, openRegistry, snowflakeStore } = await import('@martlet/registry')
    prepareFolder(paths.artifacts, 'artifacts.folder')
    const store = config.catalog.snowflake === undefined ? {} : { dialect: snowflakeStore }
    return openRegistry({ db: (await catalog()).db, artifacts: folderArtifacts(paths.artifacts), ...store })
  })
  const close = async (): Promise<void> => {
    for (const end of opened.splice(0).toReversed()) await end()
  }
  return {
    config,
    folder,
    paths,
    definitions: once(() => readDefinitions(config.definitions)),
    warehouse,
    catalog,
    online,
    registry,
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** Loads a configuration file, by default the nearest `martlet.config.ts`, and opens its project. Errors: CONFIG_MISSING, CONFIG_FAILED, CONFIG_INVALID. */
export async function loadProject(path?: string): Promise<Project> {
  const { config, folder } = await loadConfig(path)
  return openProject(config, { folder })
}

/**
 * Makes the folder of a place if it is missing, for this user only unless a mode is given.
 * @throws MartletError PLACE_UNWRITABLE naming the key of the configuration
 */
export function prepareFolder(folder: string, key: string, mode = 0o700): void {
  try {
    mkdirSync(folder, { recursive: true, mode })
    accessSync(folder, constants.R_OK | constants.W_OK)
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
    throw new MartletError(
      'PLACE_UNWRITABLE',
      `The folder ${folder} cannot be made or written (${why}). Correct ${key} in martlet.config.ts, or the rights of that folder.`,
      { data: { folder, key }, cause },
    )
  }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}
