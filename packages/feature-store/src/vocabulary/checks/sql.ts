import { splitStatements, sql } from '@martlet/warehouse'
import { z } from 'zod'
import type { CheckPlan } from '../../plan/check-plan.ts'
import type { Check, CheckKind, CheckOptions } from './check-kind.ts'

export interface CustomSql {
  /**
   * A query in the SQL of the warehouse finds no rows; each row that it returns fails. It reads what it says, whatever
   * range a run is about.
   *
   * @example c.sql('SELECT order_id FROM mart.lines GROUP BY order_id HAVING SUM(amount) < 0')
   */
  sql(query: string, options?: CheckOptions): Check
}

export interface SqlPlan extends CheckPlan {
  readonly kind: 'sql'
  readonly query: string
}

export const customSql: CheckKind<SqlPlan> = {
  kind: 'sql',
  fields: { query: z.string() },
  options: 1,
  plan: ([given], table) => {
    if (typeof given !== 'string') return table.refuse(`sql() takes a query, like 'SELECT … FROM mart.orders WHERE …'`)
    const [first, ...more] = splitStatements(given)
    if (first === undefined) return table.refuse('its query is empty')
    if (more.length > 0) table.refuse(`its SQL is ${more.length + 1} statements; a check is one query`)
    if (!/^(?:select|with)\b/i.test(first.text))
      table.refuse('its SQL is no query; it must begin with SELECT or WITH, because a check changes nothing')
    if (!isClosed(first.text)) table.refuse('the parentheses of its query do not match')
    return { query: first.text }
  },
  reads: () => [],
  says: (_, found) => `its query finds ${found === 1 ? '1 row' : `${found ?? 'no'} rows`}`,
  // The query may end with a comment.
  statement: ({ query }) => ({ failing: sql`SELECT * FROM (${sql.raw(query)}\n) q` }),
}

const PIECES = /'(?:[^']|'')*'|"(?:[^"]|"")*"|(\$\w*\$)[\s\S]*?\1|--[^\n]*|\/\*[\s\S]*?\*\/|[()]/g

/** Whether a query ends no parenthesis but its own: it is read as a subquery, out of which nothing may break. */
function isClosed(query: string): boolean {
  let depth = 0
  for (const [piece] of query.matchAll(PIECES)) {
    if (piece === '(') depth += 1
    if (piece === ')') depth -= 1
    if (depth < 0) return false
  }
  return depth === 0
}
