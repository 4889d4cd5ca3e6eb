import { MartletError, openSnowflake } from '@martlet/warehouse'
import type { DeployTarget } from '../place.ts'
import type { SnowflakeConfig } from './config.ts'
import { snowflakeOptions } from './options.ts'

/** Opens an account even where the database, schema or compute that the configuration names does not exist yet. */
export async function openDeployTarget(config: SnowflakeConfig, at: (path: string) => string): Promise<DeployTarget> {
  const { database, schema, warehouse, ...rest } = snowflakeOptions(config, at)
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
      const isOpening = error instanceof MartletError && error.code === 'WAREHOUSE_OPEN_FAILED'
      const place = isOpening ? error.data['missing'] : undefined
      if (typeof place !== 'string' || !named.delete(place)) throw error
      missing.push(place)
      // A schema is in a database.
      if (place === 'database') named.delete('schema')
    }
  }
}
