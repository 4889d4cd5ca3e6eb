import { sql, type Sql } from '../sql.ts'

/**
 * A path as DuckDB's readers take it, which name files by patterns: it stands for that file alone, whatever characters its name has.
 * The readers also take `key=value` folders for columns, so they must be given `hive_partitioning = false`.
 */
export function exactFile(path: string): Sql {
  // A character class of one is that character. Behind a backslash DuckDB takes it as it is already.
  const pattern = path.replaceAll(/(?<!\\)[*?[]/g, (character) => `[${character}]`)
  return sql.lit(pattern.startsWith('~') ? `./${pattern}` : pattern)
}
