import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { MartletError, runScript, sql, type Warehouse } from '@martlet/warehouse'

const DDL = join(import.meta.dirname, '../../../../sql')

/** Creates the energy mart's tables where they do not exist, by the statements of `sql/<engine>/energy`. Returns how many ran. */
export async function deployEnergyMart(warehouse: Warehouse): Promise<number> {
  const folder = join(DDL, warehouse.engine, 'energy')
  const files = (
    await readdir(folder).catch((cause: unknown) => {
      throw new MartletError(
        'DDL_NOT_FOUND',
        `There is no DDL of the energy mart for ${warehouse.engine} in ${folder}.`,
        {
          data: { folder },
          cause,
        },
      )
    })
  )
    .filter((name) => name.endsWith('.sql'))
    .toSorted()
  let statements = 0
  for (const file of files)
    statements += (await runScript(warehouse, await readFile(join(folder, file), 'utf8'))).statements
  return statements
}

/** Empties the mart, so that loading it again gives the same tables. */
export async function emptyEnergyMart(warehouse: Warehouse): Promise<void> {
  await emptyTables(warehouse, ['fact_energy_usage', 'dim_customer', 'dim_time', 'dim_holiday'])
}

export async function emptyTables(warehouse: Warehouse, tables: readonly string[]): Promise<void> {
  for (const table of tables) await warehouse.run(sql`delete from ${sql.id('mart', table)}`)
}
