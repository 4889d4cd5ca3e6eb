import { cp, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Engine } from '@martlet/warehouse'

const SQL = join(import.meta.dirname, '../../../../sql')

/** The files of logistics, and on Snowflake what they stand on of Martlet's own and what protects customers. */
const FILES: Readonly<Record<Engine, readonly string[]>> = {
  duckdb: ['logistics'],
  snowflake: [
    '0001-database.sql',
    '0004-schemas.sql',
    '0005-roles.sql',
    'variables.json',
    'logistics',
    'logistics-protection',
  ],
}

/** Copies the files of logistics to a new folder, for a test to deploy and to remove. */
export async function logisticsFolder(engine: Engine): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'martlet-logistics-'))
  for (const name of FILES[engine]) await cp(join(SQL, engine, name), join(folder, name), { recursive: true })
  return folder
}
