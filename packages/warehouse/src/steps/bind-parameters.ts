import { MartletError } from '../errors.ts'
import { sql, type Sql } from '../sql.ts'

// As in splitStatements: a placeholder inside text, a quoted name, dollar quotes or a comment is none.
const NAME = String.raw`\{[A-Za-z_][\w-]*(?:[+-]\d{1,5}[a-z])?\}`
const PIECES = new RegExp(
  [
    String.raw`(?<fixed>'(?:[^']|'')*'|"(?:[^"]|"")*"|(?<dollar>\$\w*\$)[\s\S]*?\k<dollar>)`,
    String.raw`--[^\n]*|\/\*[\s\S]*?\*\/`,
    `(?<placeholder>${NAME})`,
  ].join('|'),
  'g',
)
const INSIDE = new RegExp(NAME)

/**
 * A query in which `bound` gives the value of every placeholder such as `{reference-date}`. Values are bound, never written into
 * the text.
 * @throws MartletError STEP_PARAMETER when a placeholder stands inside text or a quoted name, where nothing can be bound
 *
 * @example bindParameters('SELECT * FROM raw.readings WHERE day = {day}', () => sql`CAST(${'2026-06-01'} AS DATE)`)
 */
export function bindParameters(text: string, bound: (placeholder: string) => Sql): Sql {
  const parts: Sql[] = []
  let from = 0
  for (const match of text.matchAll(PIECES)) {
    const { fixed, placeholder } = match.groups ?? {}
    const quoted = fixed === undefined ? undefined : INSIDE.exec(fixed)?.[0]
    if (quoted !== undefined)
      throw new MartletError(
        'STEP_PARAMETER',
        `${quoted} stands inside ${fixed}, where a value cannot be bound. Write it without quotes: it is a value already.`,
        { data: { placeholder: quoted, line: text.slice(0, match.index).split('\n').length } },
      )
    if (placeholder === undefined) continue
    parts.push(sql.raw(text.slice(from, match.index)), bound(placeholder))
    from = match.index + placeholder.length
  }
  return sql.join([...parts, sql.raw(text.slice(from))], sql``)
}
