import { z } from 'zod'
import { attempt } from '../check.ts'
import type { CatalogPlace } from '../place.ts'
import { schemaVersions } from '../schema-versions.ts'
import { valueAt } from '../value-at.ts'

interface SnowflakeCatalogConfig {
  readonly snowflake: {
    /** @default 'catalog' */
    readonly schema?: string
  }
}

const options = z.strictObject({
  schema: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be a name: letters, digits and _')
    .optional(),
})

/** Tables in the Snowflake account that is the warehouse. */
export const snowflakeCatalog: CatalogPlace<SnowflakeCatalogConfig> = {
  form: '{ snowflake: {} }',
  schema: (_, whole) =>
    z
      .strictObject({ snowflake: options })
      .refine(() => valueAt(valueAt(whole, 'warehouse'), 'snowflake') !== undefined, {
        error: 'is in Snowflake, which needs warehouse.snowflake: the catalog is kept in that account',
        when: () => true,
      }),
  async open(config, { warehouse }) {
    const { openCatalog } = await import('@martlet/feature-store')
    return openCatalog({ warehouse: await warehouse(), ...config.snowflake })
  },
  async check(config, { open }) {
    const fix =
      'Check what is wrong with the warehouse, and that the role may create tables in the schema of catalog.snowflake.'
    const check = await attempt('catalog', fix, async () => {
      const versions = await schemaVersions(await open())
      return `schema ${config.snowflake.schema ?? 'catalog'} of the warehouse, ${versions}`
    })
    return [check]
  },
  async registryDialect() {
    const { snowflakeStore } = await import('@martlet/registry')
    return snowflakeStore
  },
}
