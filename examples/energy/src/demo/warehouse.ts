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

/** The demo's own schemas in a Snowflake database; the first one marks that a demo has made them. */
const MARKER = 'martlet_energy_demo'
const SCHEMAS = [MARKER, 'mart', 'staging', 'features', 'features_internal', 'ml', 'monitoring', 'training'] as const

/**
 * Reads the settings of a Snowflake account from the environment.
 *
 * @throws MartletError SETTING_MISSING when one is missing; the message lists all that are
 */
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
    const variables = `environment variable${missing.length === 1 ? '' : 's'} ${missing.join(', ')}`
    const instead = missing.includes('SNOWFLAKE_PRIVATE_KEY_PATH')
      ? ' (or SNOWFLAKE_TOKEN, a programmatic access token, instead of the key)'
      : ''
    throw new MartletError(
      'SETTING_MISSING',
      `--engine snowflake needs the ${variables}${instead}. Set what examples/energy/README.md lists.`,
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

/**
 * Opens an empty warehouse: a file in the demo's folder, or a database from which the schemas of earlier demos are dropped.
 *
 * @throws MartletError DATABASE_NOT_A_DEMO when the database has other schemas
 */
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
      `Database ${database} has the schemas ${foreign.join(', ')}, which no demo has made. ` +
        'The demo empties its database, so name a new one in SNOWFLAKE_DATABASE.',
      { data: { database, schemas: foreign } },
    )
  }
  // The marker is dropped last and created first, so that a demo that was interrupted can be started again.
  for (const schema of SCHEMAS.toReversed()) await warehouse.db.schema.dropSchema(schema).ifExists().cascade().execute()
  await ensureSchema(warehouse, MARKER)
}
