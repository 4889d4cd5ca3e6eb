import { resolve } from 'node:path'
import type { Catalog, OnlineStore } from '@martlet/feature-store'
import type { Registry } from '@martlet/registry'
import type { Waiting, Warehouse } from '@martlet/warehouse'
import { loadConfig } from '../config/load-config.ts'
import type { MartletConfig } from '../config/martlet-config.ts'
import { catalogOf, onlineOf, warehouseOf } from '../place/chosen-places.ts'
import type { Surroundings } from '../place/place.ts'
import { prepareFolder } from '../place/prepare-folder.ts'
import { readDefinitions, type ProjectDefinitions } from './definitions.ts'

/** Absolute paths of what a configuration names. */
export interface ProjectPaths {
  /** The DuckDB file, or `:memory:`. Null: the warehouse is not a file. */
  readonly warehouse: string | null
  /** The SQLite file. Null: the catalog is in the warehouse. */
  readonly catalog: string | null
  /** The folder of the online store. Null: it has none. */
  readonly online: string | null
  readonly artifacts: string
  readonly reports: string
  /** Null: predictions are not logged. */
  readonly log: string | null
}

/** The four places of one configuration; each is opened once, when it is first asked for. */
export interface Project extends AsyncDisposable {
  readonly config: MartletConfig
  readonly folder: string
  readonly paths: ProjectPaths
  /** A path of the configuration, from its folder. */
  at(path: string): string
  definitions(): Promise<ProjectDefinitions>
  /**
   * Opens the DuckDB file, or logs in to Snowflake.
   * @throws MartletError WAREHOUSE_LOCKED when another process has the DuckDB file open
   */
  warehouse(): Promise<Warehouse>
  catalog(): Promise<Catalog>
  online(): Promise<OnlineStore>
  registry(): Promise<Registry>
  /** Closes what was opened. */
  close(): Promise<void>
}

/**
 * Opens a project from its configuration; relative paths count from `folder`, by default the working folder. `wait` says how
 * long to wait for a DuckDB file that another process has open.
 *
 * @example await using project = openProject(config, { folder: import.meta.dirname })
 */
export function openProject(
  config: MartletConfig,
  options: { readonly folder?: string; readonly wait?: Waiting } = {},
): Project {
  const folder = resolve(options.folder ?? '.')
  const at = (path: string): string => resolve(folder, path)
  const [engine, records, store] = [warehouseOf(config), catalogOf(config), onlineOf(config)]
  const paths: ProjectPaths = {
    warehouse: engine.path?.(config.warehouse, at) ?? null,
    catalog: records.path?.(config.catalog, at) ?? null,
    online: store.path?.(config.online, at) ?? null,
    artifacts: at(config.artifacts.folder),
    reports: at(config.reports ?? 'reports'),
    log: config.serving?.log === undefined ? null : at(config.serving.log.folder),
  }
  const opened: (() => Promise<unknown>)[] = []
  const closing = <T extends { close(): unknown }>(place: T): T => {
    opened.push(async () => place.close())
    return place
  }
  const surroundings: Surroundings = { at, wait: options.wait, warehouse: () => warehouse() }
  const warehouse = once(async () => closing(await engine.open(config.warehouse, surroundings)))
  const catalog = once(async () => closing(await records.open(config.catalog, surroundings)))
  const online = once(async () => closing(await store.open(config.online, surroundings)))
  const registry = once(async () => {
    const { folderArtifacts, openRegistry } = await import('@martlet/registry')
    prepareFolder(paths.artifacts, 'artifacts.folder')
    const { db } = await catalog()
    const dialect = await records.registryDialect?.()
    const artifacts = folderArtifacts(paths.artifacts)
    return openRegistry({ db, artifacts, ...(dialect === undefined ? {} : { dialect }) })
  })
  const close = async (): Promise<void> => {
    for (const end of opened.splice(0).toReversed()) await end()
  }
  return {
    config,
    folder,
    paths,
    at,
    definitions: once(() => readDefinitions(config.definitions)),
    warehouse,
    catalog,
    online,
    registry,
    close,
    [Symbol.asyncDispose]: close,
  }
}

/**
 * Loads a configuration file, by default the nearest `martlet.config.ts`, and opens its project.
 * @throws MartletError CONFIG_MISSING when there is no file
 * @throws MartletError CONFIG_FAILED when the file itself throws
 * @throws MartletError CONFIG_INVALID when its default export is not a configuration
 */
export async function loadProject(path?: string): Promise<Project> {
  const { config, folder } = await loadConfig(path)
  return openProject(config, { folder })
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}
