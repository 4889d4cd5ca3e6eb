import type { Catalog, OnlineStore } from '@martlet/feature-store'
import type { StoreDialect } from '@martlet/registry'
import type { Engine, Waiting, Warehouse } from '@martlet/warehouse'
import type { z } from 'zod'
import type { Check } from './check.ts'

/** What a place is opened in: the folder of the configuration, and the warehouse that a catalog may be in. */
export interface Surroundings {
  /** The absolute path of one in the configuration. */
  at(path: string): string
  /** How long to wait for what another process holds; undefined: not at all. */
  readonly wait: Waiting | undefined
  warehouse(): Promise<Warehouse>
}

/** A place of an open project, for doctor. */
export interface PlaceToCheck<Opened> {
  /** Its file or folder; null when it has none. */
  readonly path: string | null
  /** Opens it, if it is not open yet. */
  open(): Promise<Opened>
}

/**
 * One way to keep a part of a project. Its name in a list is the key that chooses it in a configuration.
 * The value that `path`, `open` and `check` get has passed `schema`.
 */
export interface Place<Config, Opened> {
  /** How a configuration chooses it, for messages: `{ lmdb: <folder> }`. */
  readonly form: string
  /** What its value may be; gets that value and the whole configuration, so that a mistake is reported at its key. */
  schema(value: unknown, whole: unknown): z.ZodType
  /** Its file or folder on this machine; absent when it has none. */
  path?(config: Config, at: Surroundings['at']): string
  open(config: Config, surroundings: Surroundings): Promise<Opened>
  /** Whether it is there, can be read and written, and is not held by another process. */
  check(config: Config, place: PlaceToCheck<Opened>): Promise<readonly Check[]>
  /** Whether this machine can load the native module that it needs, whatever a configuration chooses; absent: none. */
  checkModule?(): Promise<Check>
}

/** The engine that holds a project's tables. */
export interface WarehousePlace<Config> extends Place<Config, Warehouse> {
  readonly engine: Engine
  /** The database that SQL files are deployed to unless a variable names another; absent: the engine has one only. */
  database?(config: Config): string | undefined
  /** Opens it although some of what the configuration names does not exist yet; absent: `open` creates what it needs. */
  deployTarget?(config: Config, surroundings: Surroundings): Promise<DeployTarget>
}

export interface DeployTarget {
  readonly warehouse: Warehouse
  /** What the configuration names and does not exist yet. */
  readonly missing: readonly string[]
  close(): Promise<void>
}

/** Where definitions, runs and models are recorded. */
export interface CatalogPlace<Config> extends Place<Config, Catalog> {
  /** How the registry stores models in it; absent: as in SQLite. */
  registryDialect?(): Promise<StoreDialect>
}

/** Where the newest rows are served from. */
export interface OnlinePlace<Config> extends Place<Config, OnlineStore> {
  /** Only the process that wrote its rows can read them. */
  readonly perProcess?: true
}
