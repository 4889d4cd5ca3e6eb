import { rm } from 'node:fs/promises'
import { openDuckDb, readDeployment, type Warehouse } from '@martlet/warehouse'
import { logisticsFolder } from '../../../../packages/warehouse/test/deploy/logistics-folder.ts'
import { SnowflakeDouble } from '../../../../packages/warehouse/test/snowflake/double/double.ts'
import { openDouble } from '../../../../packages/warehouse/test/snowflake/double/open-double.ts'

/** Who does a part of the work, where the engine has roles. */
export type Role = 'ADMIN' | 'LOADER' | 'MATERIALIZER' | 'TRAINER'

/** A warehouse with the tables, views, roles and policies of sql/<engine>/logistics. */
export interface DeployedEngine extends AsyncDisposable {
  /** The warehouse as a role has it. */
  as(role: Role): Warehouse
}

/** With several threads DuckDB adds doubles in another order each time. */
export async function deployedDuckDb(): Promise<DeployedEngine> {
  const warehouse = await openDuckDb({ threads: 1 })
  await createObjects(warehouse)
  return {
    as: () => warehouse,
    [Symbol.asyncDispose]: () => warehouse.close(),
  }
}

/** A double with the row filters and masks that are deployed. `texts` gets every statement after the deployment. */
export async function deployedDouble(texts: Set<string>): Promise<DeployedEngine> {
  const double = await SnowflakeDouble.start()
  const owner = await openDouble(double)
  await createObjects(owner)
  double.ran = ({ sql: text }) => texts.add(text)
  const open = (role: Role): Promise<Warehouse> => openDouble(double, { role: `MARTLET_${role}` })
  const roles: Readonly<Record<Role, Warehouse>> = {
    ADMIN: await open('ADMIN'),
    LOADER: await open('LOADER'),
    MATERIALIZER: await open('MATERIALIZER'),
    TRAINER: await open('TRAINER'),
  }
  return {
    as: (role) => roles[role],
    [Symbol.asyncDispose]: async () => {
      for (const warehouse of [owner, ...Object.values(roles)]) await warehouse.close()
      await double.stop()
    },
  }
}

/** Runs the statements that `martlet deploy` runs, without its records, which logistics-files.test.ts looks at. */
async function createObjects(warehouse: Warehouse): Promise<void> {
  const { engine } = warehouse
  const folder = await logisticsFolder(engine)
  try {
    const secrets = engine === 'duckdb' ? {} : { customer_hash_key: 'a secret of the test, 32 or more' }
    const { objects } = await readDeployment({ engine, folder, secrets })
    for (const { statement } of objects) await warehouse.run(statement)
  } finally {
    await rm(folder, { recursive: true })
  }
}
