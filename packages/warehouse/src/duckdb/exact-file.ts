import { sql, type Sql } from '../sql.ts'

/**
 * A path for DuckDB's readers, which take patterns: it names this file alone, whatever characters its name has.
 * The readers also turn `key=value` folders into columns, unless they get `hive_partitioning = false`.
 */
export function exactFile(path: string): Sql {
  // A character class of one is that character. After a backslash DuckDB already reads it literally.
  const pattern = path.replaceAll(/(?<!\\)[*?[]/g, (character) => `[${character}]`)
  return sql.lit(pattern.startsWith('~') ? `./${pattern}` : pattern)
}
