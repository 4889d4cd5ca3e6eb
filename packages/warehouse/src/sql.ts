import { sql as kyselySql, type RawBuilder } from 'kysely'

/** A piece of SQL whose values are bound and whose identifiers are quoted by the engine's dialect. */
export type Sql = RawBuilder<unknown>

/**
 * Kysely's template for SQL: values are bound, identifiers go through `sql.id` and `sql.ref`.
 * A line break in the template, with the indentation around it, prints as one space, and as nothing next to a parenthesis.
 *
 * @example
 * sql`
 *   SELECT COUNT(*) FROM ${sql.id('trips')}
 *   WHERE km > ${10}` // SELECT COUNT(*) FROM "trips" WHERE km > $1
 */
export const sql: typeof kyselySql = Object.assign(
  <T = unknown>(parts: TemplateStringsArray, ...values: unknown[]) => kyselySql<T>(onOneLine(parts), ...values),
  kyselySql,
)

/** JavaScript makes the parts of a template once per place in the source, so each place is folded once. */
const folded = new WeakMap<TemplateStringsArray, TemplateStringsArray>()

function onOneLine(parts: TemplateStringsArray): TemplateStringsArray {
  const known = folded.get(parts)
  if (known !== undefined) return known
  const last = parts.length - 1
  const lines = parts.map((part, i) => {
    // An escaped line break is meant, as behind the user's own SQL, which may end with a comment.
    if (!parts.raw[i]?.includes('\n')) return part
    const opened = i === 0 ? part.replace(/^\s*\n\s*/, '') : part
    const closed = i === last ? opened.replace(/\s*\n\s*$/, '') : opened
    return closed
      .replace(/\(\s*\n\s*/g, '(')
      .replace(/\s*\n\s*\)/g, ')')
      .replace(/\s*\n\s*/g, ' ')
  })
  const text = Object.assign(lines, { raw: lines })
  folded.set(parts, text)
  return text
}
