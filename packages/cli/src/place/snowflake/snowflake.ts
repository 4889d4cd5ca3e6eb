import { z } from 'zod'
import type { WarehousePlace } from '../place.ts'
import { valueAt } from '../value-at.ts'
import type { SnowflakeConfig } from './config.ts'
import { snowflakeOptions } from './options.ts'
import { snowflakeSchema } from './schema.ts'

/** A Snowflake account. The SDK is loaded and secrets are read when it is opened. */
export const snowflake: WarehousePlace<{ readonly snowflake: SnowflakeConfig }> = {
  engine: 'snowflake',
  form: '{ snowflake: { … } }',
  schema: (value) => z.strictObject({ snowflake: snowflakeSchema(valueAt(value, 'snowflake')) }),
  async open(config, { at }) {
    const { openSnowflake } = await import('@martlet/warehouse')
    return openSnowflake(snowflakeOptions(config.snowflake, at))
  },
  async check(config, { open }) {
    const { checkSnowflake } = await import('./checks.ts')
    return checkSnowflake(config.snowflake, open)
  },
  database: (config) => config.snowflake.database,
  async deployTarget(config, { at }) {
    const { openDeployTarget } = await import('./deploy-target.ts')
    return openDeployTarget(config.snowflake, at)
  },
}
