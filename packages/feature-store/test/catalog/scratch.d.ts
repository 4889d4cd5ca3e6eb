import { type Catalog } from '../../src/catalog/catalog.ts'
/** Opens the catalog at a place as a worker is told it: the path of a SQLite file, or an address of Snowflake. */
export declare function openCatalogAt(place: string): Promise<Catalog>
/** Runs with a catalog of its own on the engine under test, which is taken away afterwards. */
export declare function withCatalog(work: (catalog: Catalog, place: string) => Promise<void>): Promise<void>
/** Runs with a place where no catalog is yet. */
export declare function withPlace(work: (place: string) => Promise<void>): Promise<void>
/** Starts a worker of this folder; resolves when it has ended, with what it printed. */
export declare function runWorker(
  worker: string,
  ...parameters: readonly string[]
): Promise<{
  readonly code: number | null
  readonly output: string
}>
export declare function failure(work: Promise<unknown>): Promise<{
  readonly code: unknown
  readonly message: string
}>
