import process from 'node:process'
import {
  ensureSchema,
  MartletError,
  openDuckDb,
  openSnowflake,
  type SnowflakeAuth,
  type SnowflakeOptions,
  type Warehouse,
} from '@martlet/warehouse'

export type DemoEngine = 'duckdb' | 'snowflake'

/** Where the demo's warehouse is: everything after this is the same on both engines. */
export type DemoPlace =
  | { readonly engine: 'duckdb'; readonly threads: number | undefined }
  | { readonly engine: 'snowflake'; readonly options: SnowflakeOptions }

/** The demo's own schemas in a Snowflake database; the first says that a demo has made them. */
const MARKER = 'martlet_energy_demo'
const SCHEMAS = [MARKER, 'mart', 'staging', 'features', 'features_internal', 'ml', 'monitoring', 'training'] as const

/** Reads the settings of a Snowflake account from the environment. Errors: `SETTING_MISSING`. */
export function demoPlace(
  engine: DemoEngine,
  threads?: number,
  environment: NodeJS.ProcessEnv = process.env,
): DemoPlace {
  if (engine === 'duckdb') return { engine, threads }
  const optional = (name: string): string | undefined => environment[`SNOWFLAKE_${name}`] || undefined
  const missing: string[] = []
  const needed = (name: string): string => {
    const value = optional(name)
    if (value === undefined) missing.push(`SNOWFLAKE_${name}`)
    return value ?? ''
  }
  const [account, username, database, warehouse] = [
    needed('ACCOUNT'),
    needed('USER'),
    needed('DATABASE'),
    needed('WAREHOUSE'),
  ]
  const token = optional('TOKEN')
  const privateKeyPath = token === undefined ? needed('PRIVATE_KEY_PATH') : ''
  if (missing.length > 0) {
    throw new MartletError(
      'SETTING_MISSING',
      `--engine snowflake needs the environment variable${missing.length === 1 ? '' : 's'} ${missing.join(', ')}${missing.includes('SNOWFLAKE_PRIVATE_KEY_PATH') ? ' (or SNOWFLAKE_TOKEN, a programmatic access token, instead of the key)' : ''}; examples/energy/README.md lists them`,
      { data: { missing } },
    )
  }
  const passphrase = optional('PRIVATE_KEY_PASSPHRASE')
  const auth: SnowflakeAuth =
    token === undefined
      ? { type: 'key-pair', username, privateKeyPath, ...(passphrase === undefined ? {} : { passphrase }) }
      : { type: 'programmatic-access-token', token, username }
  const [accessUrl, role] = [optional('ACCESS_URL'), optional('ROLE')]
  return {
    engine,
    options: {
      account,
      database,
      warehouse,
      auth,
      queryTag: 'martlet-energy-demo',
      ...(accessUrl === undefined ? {} : { accessUrl }),
      ...(role === undefined ? {} : { role }),
    },
  }
}

/** Opens an empty warehouse: a file in the demo's folder, or a database that holds nothing but what an earlier demo left, which is dropped. Errors: `DATABASE_NOT_A_DEMO`. */
export async function openDemoWarehouse(place: DemoPlace, file: string): Promise<Warehouse> {
  if (place.engine === 'duckdb')
    return openDuckDb({
      path: file,
      memoryLimit: '4GB',
      ...(place.threads === undefined ? {} : { threads: place.threads }),
    })
  const warehouse = await openSnowflake(place.options)
  try {
    await emptyDatabase(warehouse, place.options.database ?? '')
  } catch (error) {
    await warehouse.close()
    throw error
  }
  return warehouse
}

/** The place in words. */
export function placeText(place: DemoPlace, file: string): string {
  return place.engine === 'duckdb' ? `${file} (DuckDB)` : `database ${place.options.database} (Snowflake)`
}

async function emptyDatabase(warehouse: Warehouse, database: string): Promise<void> {
  const schemas = (await warehouse.db.introspection.getSchemas()).map(({ name }) => name)
  const foreign = schemas.filter(
    (name) =>
      !['public', 'information_schema'].includes(name) &&
      !(schemas.includes(MARKER) && SCHEMAS.some((own) => own === name)),
  )
  if (foreign.length > 0) {
    throw new MartletError(
      'DATABASE_NOT_A_DEMO',
      `Database ${database} holds the schemas ${foreign.join(', ')}, which no demo has made; the demo empties its database, so name a new one in SNOWFLAKE_DATABASE`,
      { data: { database, schemas: foreign } },
    )
  }
  // The marker goes last and comes first: a demo that is interrupted can be started anew.
  for (const schema of SCHEMAS.toReversed()) await warehouse.db.schema.dropSchema(schema).ifExists().cascade().execute()
  await ensureSchema(warehouse, MARKER)
}
