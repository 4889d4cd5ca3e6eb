export interface Token {
  readonly kind: 'word' | 'quoted' | 'string' | 'number' | 'bind' | 'symbol'
  /** As Snowflake reads it: words folded to upper case, quoted names and strings without quotes and escapes. */
  readonly text: string
}

/** A statement that the double does not run: said by name, never guessed. */
export class Refused extends Error {}

const PIECE = new RegExp(
  [
    String.raw`(\s+|--[^\n]*|\/\*[\s\S]*?\*\/)`,
    String.raw`([A-Za-z_][\w$]*)`,
    String.raw`"((?:[^"]|"")*)"`,
    String.raw`'((?:[^'\\]|''|\\[\s\S])*)'`,
    String.raw`((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)`,
    String.raw`(\?)`,
    String.raw`(::|=>|<=|>=|<>|!=|\|\||\/\/|->|[-+*/%(),.;=<>:[\]{}])`,
  ].join('|'),
  'gy',
)

/** Splits a statement. Strings have Snowflake's backslash escapes. */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = []
  PIECE.lastIndex = 0
  let at = 0
  while (at < sql.length) {
    PIECE.lastIndex = at
    const match = PIECE.exec(sql)
    if (match === null) throw new Refused(`unexpected ${JSON.stringify(sql.slice(at, at + 20))}`)
    at = PIECE.lastIndex
    const [, space, word, quoted, string, number, bind, symbol] = match
    if (space !== undefined) continue
    if (word !== undefined) tokens.push({ kind: 'word', text: word.toUpperCase() })
    else if (quoted !== undefined) tokens.push({ kind: 'quoted', text: quotedName(quoted.replaceAll('""', '"')) })
    else if (string !== undefined)
      tokens.push({
        kind: 'string',
        text: string.replaceAll(/\\([\s\S])|''/g, (_, escaped: string | undefined) => escapeOf(escaped)),
      })
    else if (number !== undefined) tokens.push({ kind: 'number', text: number })
    else if (bind !== undefined) tokens.push({ kind: 'bind', text: '?' })
    else tokens.push({ kind: 'symbol', text: symbol ?? '' })
  }
  return tokens
}

/** The tokens as DuckDB reads them. */
export function print(tokens: readonly Token[]): string {
  return tokens.map(printed).join(' ')
}

export function word(text: string): Token {
  return { kind: 'word', text }
}

export function symbol(text: string): Token {
  return { kind: 'symbol', text }
}

export function isWord(token: Token | undefined, ...texts: readonly string[]): boolean {
  return token?.kind === 'word' && texts.includes(token.text)
}

export function isSymbol(token: Token | undefined, text: string): boolean {
  return token?.kind === 'symbol' && token.text === text
}

/** The index of the parenthesis that closes the one at `open`. */
export function closing(tokens: readonly Token[], open: number): number {
  let depth = 0
  for (let at = open; at < tokens.length; at++) {
    if (isSymbol(tokens[at], '(')) depth++
    if (isSymbol(tokens[at], ')') && --depth === 0) return at
  }
  throw new Refused('a parenthesis is not closed')
}

/** What stands between commas, outside of parentheses. */
export function splitArguments(tokens: readonly Token[]): Token[][] {
  const parts: Token[][] = [[]]
  let depth = 0
  for (const token of tokens) {
    if (isSymbol(token, '(')) depth++
    if (isSymbol(token, ')')) depth--
    if (depth === 0 && isSymbol(token, ',')) parts.push([])
    else parts.at(-1)?.push(token)
  }
  return parts
}

function printed({ kind, text }: Token): string {
  if (kind === 'quoted') return `"${text.replaceAll('"', '""')}"`
  if (kind === 'string') return `'${text.replaceAll("'", "''")}'`
  return text
}

// Stricter than Snowflake: DuckDB ignores case, so a name in lower case would be found here and not there.
function quotedName(name: string): string {
  if (name.length > 255) throw new Refused(`a name of ${name.length} characters, when Snowflake takes 255`)
  if (name !== name.toUpperCase()) throw new Refused(`the quoted name ${JSON.stringify(name)} has lower-case letters`)
  return name
}

function escapeOf(escaped: string | undefined): string {
  if (escaped === undefined) return "'"
  const known: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', 0: '\0', b: '\b', f: '\f' }
  if (/[xu1-7]/.test(escaped)) throw new Refused(`the escape \\${escaped} in a string`)
  return known[escaped] ?? escaped
}
