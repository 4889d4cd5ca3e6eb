import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { sql, type Sql } from '@martlet/warehouse'

/** Where the public data sets are, beside the repository. */
const FOLDER = join(import.meta.dirname, '../../../../shared/data')

export function hasData(set: string): boolean {
  return existsSync(join(FOLDER, set))
}

/** A Parquet file as a relation. */
export function parquet(file: `${string}.parquet`): Sql {
  return sql`read_parquet(${sql.lit(join(FOLDER, file))})`
}
