import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Warehouse } from '@martlet/warehouse'
import { SnowflakeDouble } from '../../../warehouse/test/snowflake/double/double.ts'
import { testEngine } from '../../../warehouse/test/support/engine.ts'
import { openWarehouse } from './open-warehouse.ts'

/** A warehouse that processes may open one after the other, and a folder for the catalog and the online store. */
export interface Site extends AsyncDisposable {
  readonly path: string
  readonly open: () => Promise<Warehouse>
  /** The address of the double that stands for the warehouse, if one does. */
  readonly double: SnowflakeDouble | undefined
}

/** On the engine under test: a DuckDB file, or a double of Snowflake in this process. */
export async function openSite(): Promise<Site> {
  const path = await mkdtemp(join(tmpdir(), 'martlet-site-'))
  const double = testEngine === 'duckdb' ? undefined : await SnowflakeDouble.start()
  return {
    path,
    double,
    open: () => openWarehouse(path, double?.url),
    [Symbol.asyncDispose]: async () => {
      await double?.stop()
      await rm(path, { recursive: true })
    },
  }
}
