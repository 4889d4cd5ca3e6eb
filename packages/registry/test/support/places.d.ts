import { Kysely } from 'kysely'
import { type StoreDialect } from '../../src/index.ts'
type AnyDb = Kysely<Record<string, Record<string, unknown>>>
export interface OpenPlace {
  readonly db: AnyDb
  readonly dialect: StoreDialect
  close(): Promise<void>
}
/** Where a registry is: a SQLite file in this folder, or Snowflake at this address. */
export interface Place {
  readonly folder: string
  readonly address: string
}
/** A new place on the engine under test, taken away when the test ends. */
export declare function newPlace(folder: string): Promise<Place>
/** @param busyMs how long SQLite itself waits for another writer */
export declare function openPlace({ folder, address }: Place, busyMs?: number): Promise<OpenPlace>
/** The place that the environment names to a process. */
export declare function placeOf(folder: string): Place
export {}
