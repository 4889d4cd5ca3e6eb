import type { Column } from 'snowflake-sdk'
import { epochMicros } from '../leaves/timestamp.ts'
import { sql, type Sql } from '../sql.ts'

const PIECES = /'(?:[^'\\]|''|\\[\s\S])*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|[()]|[A-Za-z_]\w*|[\s\S]/g

/**
 * Whether a query may be the subquery of one that reads its timestamps as whole numbers, which the SDK delivers several times
 * faster. Not a query that orders its rows: a subquery's order is not guaranteed.
 */
export function mayBeWrapped(text: string): boolean {
  let depth = 0
  let first: string | undefined
  for (const [piece] of text.matchAll(PIECES)) {
    if (piece.startsWith('--') || piece.startsWith('/*')) continue
    if (piece === '(') depth++
    if (piece === ')') depth--
    if (piece === ';') return false
    if (!/^[A-Za-z]/.test(piece)) continue
    first ??= piece.toUpperCase()
    if (depth === 0 && piece.toUpperCase() === 'ORDER') return false
  }
  return first === 'SELECT' || first === 'WITH'
}

/** The columns that are timestamps. */
export function timestampsOf(columns: readonly Column[]): ReadonlySet<number> {
  return new Set(
    columns.flatMap((column, index) => (column.getType().toLowerCase().startsWith('timestamp_') ? [index] : [])),
  )
}

/** The query with its timestamps as microseconds since the epoch; undefined when its columns cannot be named one by one. */
export function epochQuery(text: string, columns: readonly Column[], timestamps: ReadonlySet<number>): Sql | undefined {
  const names = columns.map((column) => column.getName())
  // The dialect upper-cases names, so names in other case could not be found again.
  if (new Set(names).size < names.length || names.some((name) => name === '' || name !== name.toUpperCase()))
    return undefined
  const list = names.map((name, index) =>
    timestamps.has(index) ? sql`${epochMicros.snowflake(sql.id(name))} AS ${sql.id(name)}` : sql.id(name),
  )
  // The query's text is on a line of its own, because it may end in a comment.
  return sql`SELECT ${sql.join(list)} FROM (${sql.raw(`${text}\n`)}) AS rows_to_read`
}
