import { reserved } from '../../snowflake-sql/words.ts'
import { closing, isSymbol, isWord, Refused } from './tokens.ts'
import type { Token } from './tokens.ts'

/** Reserved words that begin or join a piece of syntax after AS, a point or a parenthesis. */
const AFTER_AS: ReadonlySet<string> = new Set(['SELECT', 'WITH', 'VALUES'])
/** Reserved words that our syntax has in one place each: the word after or before which they may stand. */
const PLACES: Readonly<Record<string, { readonly before?: readonly string[]; readonly after?: readonly string[] }>> = {
  CURRENT: { before: ['ROW'] },
  ROW: { after: ['CURRENT'] },
  ROWS: { before: ['BETWEEN', 'UNBOUNDED', 'CURRENT'] },
  FOLLOWING: { after: ['UNBOUNDED'] },
  SCHEMA: { after: ['CREATE', 'DROP', 'USE'] },
  COLUMN: { after: ['ADD', 'DROP', 'RENAME', 'ALTER'] },
  TABLE: {
    after: ['CREATE', 'REPLACE', 'TEMPORARY', 'TRANSIENT', 'DROP', 'ALTER', 'JOIN', 'FROM', 'LATERAL', 'TRUNCATE'],
  },
  VIEW: { after: ['CREATE', 'REPLACE', 'DROP'] },
  DATABASE: { after: ['CREATE', 'DROP'] },
}
/** Reserved words that stand nowhere in what the double knows. */
const NOWHERE: ReadonlySet<string> = new Set(
  (
    'ACCOUNT CONNECT CONNECTION GRANT GSCLUSTER INCREMENT ISSUE LOCALTIME LOCALTIMESTAMP ORGANIZATION REGEXP REVOKE ' +
    'RLIKE SAMPLE START TABLESAMPLE TRIGGER WHENEVER'
  ).split(' '),
)

/** Names that Snowflake does not take without quotes, and `*` where two columns may have one name. */
export function refuseNames(tokens: readonly Token[]): void {
  tokens.forEach((token, at) => {
    if (isWord(token, 'OR') && isWord(tokens[at + 1], 'ALTER'))
      throw new Refused('CREATE OR ALTER, which drops columns')
    if (token.kind !== 'word' || !reserved.has(token.text)) return
    const [before, after] = [tokens[at - 1], tokens[at + 1]]
    const place = PLACES[token.text]
    const misplaced =
      NOWHERE.has(token.text) ||
      isSymbol(before, '.') ||
      isSymbol(after, '.') ||
      (isWord(before, 'AS') && !AFTER_AS.has(token.text)) ||
      (place?.before !== undefined && !isWord(after, ...place.before)) ||
      (place?.after !== undefined &&
        !(isWord(before, ...place.after) || (token.text === 'TABLE' && isSymbol(before, ','))))
    if (misplaced) throw new Refused(`the reserved word ${token.text} as a name without quotes`)
  })
  refuseStars(tokens)
  refuseScale(tokens)
}

// Its timestamps have nine digits, and so has a table made of them.
function refuseScale(tokens: readonly Token[]): void {
  tokens.forEach((token, at) => {
    if (!isWord(token, 'TO_TIMESTAMP_NTZ')) return
    const cast =
      isSymbol(tokens[at - 1], '(') &&
      isWord(tokens[at - 2], 'CAST') &&
      isWord(tokens[closing(tokens, at + 1) + 1], 'AS')
    if (!cast) throw new Refused('TO_TIMESTAMP_NTZ that is not cast to TIMESTAMP_NTZ(6) at once')
  })
}

// Snowflake takes two columns of one name in a result, not in a table or when they are asked for; DuckDB renames one.
function refuseStars(tokens: readonly Token[]): void {
  tokens.forEach((token, at) => {
    if (!isSymbol(token, '*') || !isListed(tokens, at)) return
    const rest = level(tokens, at + 1)
    const from = rest.findIndex((one) => isWord(one, 'FROM'))
    if (from < 0) return
    const end = rest.findIndex(
      (one, index) => index > from && isWord(one, 'WHERE', 'GROUP', 'ORDER', 'HAVING', 'LIMIT', 'UNION', 'QUALIFY'),
    )
    const sources = rest.slice(from, end < 0 ? undefined : end)
    const several = sources.some((one) => isWord(one, 'JOIN') || isSymbol(one, ','))
    const others = rest
      .slice(0, from)
      .some((one, index) => isSymbol(one, '*') && (isSymbol(rest[index - 1], '.') || isSymbol(rest[index - 1], ',')))
    if (isSymbol(tokens[at - 1], '.') ? others : several)
      throw new Refused('SELECT * of several tables, whose columns may have one name')
  })
}

function isListed(tokens: readonly Token[], at: number): boolean {
  const start = isSymbol(tokens[at - 1], '.') ? at - 2 : at
  return (
    (isWord(tokens[start - 1], 'SELECT', 'DISTINCT') || isSymbol(tokens[start - 1], ',')) &&
    (isWord(tokens[at + 1], 'FROM') || isSymbol(tokens[at + 1], ','))
  )
}

/** What follows on the same level of parentheses, without what stands inside of others. */
function level(tokens: readonly Token[], from: number): Token[] {
  const out: Token[] = []
  let depth = 0
  for (const token of tokens.slice(from)) {
    if (isSymbol(token, ')') && --depth < 0) break
    if (depth === 0) out.push(token)
    if (isSymbol(token, '(')) depth++
  }
  return out
}

const CREATED_FROM = new RegExp(
  String.raw`^CREATE (?:OR REPLACE )?(?:TEMPORARY )?(?:TABLE|VIEW) (?:IF NOT EXISTS )?` +
    String.raw`(?:"(?:[^"]|"")*"|[\w.$ ])+? AS ((?:SELECT|WITH|\()[\s\S]*)$`,
)

/** The query that a table or view is made from. */
export function createdFrom(sql: string): string | undefined {
  return CREATED_FROM.exec(sql)?.[1]
}
