import { resolve } from 'node:path'
import { MartletError, type Warehouse } from '@martlet/warehouse'
import type { Project } from './project.ts'
import { snowflakeOptions } from './snowflake.ts'

export interface DeployTarget {
  readonly warehouse: Warehouse
  /** What the configuration names and the account has not yet. */
  readonly missing: readonly string[]
  close(): Promise<void>
}

/** Opens the warehouse of a project even where the database or the compute that it names is still to be made; the caller closes it. */
export async function openTarget(project: Project): Promise<DeployTarget> {
  const config = project.config.warehouse.snowflake
  if (config === undefined) return { warehouse: await project.warehouse(), missing: [], close: async () => undefined }
  const { openSnowflake } = await import('@martlet/warehouse')
  const { database, schema, warehouse, ...rest } = snowflakeOptions(config, (path) => resolve(project.folder, path))
  const named = new Map(
    Object.entries({ database, schema, warehouse }).flatMap(([place, name]) =>
      name === undefined ? [] : [[place, name]],
    ),
  )
  const missing: string[] = []
  for (;;) {
    try {
      const opened = await openSnowflake({ ...rest, ...Object.fromEntries(named) })
      return { warehouse: opened, missing, close: () => opened.close() }
    } catch (error) {
      const place =
        error instanceof MartletError && error.code === 'WAREHOUSE_OPEN_FAILED' ? error.data['missing'] : undefined
      if (typeof place !== 'string' || !named.delete(place)) throw error
      missing.push(place)
      // A schema is in a database.
      if (place === 'database') named.delete('schema')
    }
  }
}
