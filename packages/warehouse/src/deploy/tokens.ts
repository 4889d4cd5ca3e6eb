import { deployError, type Place } from './deploy-error.ts'

/** A piece of a statement. Strings, quoted names and bodies include their quotes. */
export interface Token {
  readonly kind: 'word' | 'quoted' | 'string' | 'body' | 'number' | 'symbol'
  /** Words are folded to upper case. */
  readonly text: string
  /** As it is in the file. */
  readonly written: string
  readonly line: number
}

const VARIABLE = String.raw`<%\s*\w+\s*%>`
const WORD = String.raw`(?:[A-Za-z_]|${VARIABLE})(?:[\w$]|${VARIABLE})*`
const PIECE = new RegExp(
  [
    String.raw`(?<space>\s+|--[^\n]*|\/\*[\s\S]*?\*\/)`,
    String.raw`(?<body>\$\$[\s\S]*?\$\$)`,
    String.raw`(?<word>${WORD})`,
    String.raw`(?<quoted>"(?:[^"]|"")+")`,
    String.raw`(?<string>'(?:[^'\\]|''|\\[\s\S])*')`,
    String.raw`(?<number>\d+(?:\.\d+)?)`,
    String.raw`(?<symbol>->|=>|<=|>=|<>|\|\||[-+*\/(),.;=<>:])`,
  ].join('|'),
  'gy',
)

/**
 * Splits DDL into tokens, without comments.
 * @throws MartletError DEPLOY_UNREADABLE when something is not a token, naming its line
 */
export function tokenize(
  sql: string,
  file: string,
  substitute: (text: string, where: Place, kind: 'word' | 'string') => string,
): readonly Token[] {
  const tokens: Token[] = []
  let line = 1
  for (let at = 0; at < sql.length;) {
    PIECE.lastIndex = at
    const match = PIECE.exec(sql)
    if (match === null)
      throw unreadable(
        { file, line },
        `${JSON.stringify(sql.slice(at, at + 20).split('\n')[0])} is not SQL that deploy knows, or is not closed`,
      )
    const { space, body, word, quoted, string, number, symbol } = match.groups ?? {}
    const where = { file, line }
    if (space === undefined) {
      if (word !== undefined) tokens.push(wordOf(substitute(word, where, 'word'), line))
      else if (string !== undefined) tokens.push(token('string', substitute(string, where, 'string'), line))
      else if (body !== undefined) tokens.push(token('body', plain(body, where), line))
      else if (quoted !== undefined) tokens.push(token('quoted', plain(quoted, where), line))
      else if (number !== undefined) tokens.push(token('number', number, line))
      else tokens.push(token('symbol', symbol ?? '', line))
    }
    at = PIECE.lastIndex
    line += match[0].split('\n').length - 1
  }
  return tokens
}

// The value of a variable may be a name, a number or a literal.
function wordOf(text: string, line: number): Token {
  return text.startsWith("'")
    ? token('string', text, line)
    : /^\d+$/.test(text)
      ? token('number', text, line)
      : token('word', text, line)
}

function token(kind: Token['kind'], written: string, line: number): Token {
  return { kind, text: kind === 'word' ? written.toUpperCase() : written, written, line }
}

function plain(text: string, where: Place): string {
  if (/<%/.test(text)) throw unreadable(where, 'there is a variable inside a quoted name or a $$ body')
  return text
}

function unreadable(where: Place, what: string): Error {
  return deployError('DEPLOY_UNREADABLE', where, what, 'Correct the file')
}

/** The tokens as SQL, words as in the file. */
export function printTokens(tokens: readonly Token[]): string {
  return spaced(tokens, ({ written }) => written)
}

/** The tokens as SQL in upper case, equal for statements that differ only in case. */
export function foldTokens(tokens: readonly Token[]): string {
  return spaced(tokens, ({ text }) => text)
}

function spaced(tokens: readonly Token[], textOf: (token: Token) => string): string {
  return tokens
    .map((token, at) => (at === 0 || tight(tokens[at - 1], token) ? textOf(token) : ` ${textOf(token)}`))
    .join('')
}

function tight(before: Token | undefined, token: Token | undefined): boolean {
  const [left, right] = [before?.kind === 'symbol' ? before.text : '', token?.kind === 'symbol' ? token.text : '']
  return left === '.' || left === '(' || right === '.' || right === ')' || right === ','
}

export function isWord(token: Token | undefined, ...texts: readonly string[]): boolean {
  return token?.kind === 'word' && texts.includes(token.text)
}

export function isSymbol(token: Token | undefined, text: string): boolean {
  return token?.kind === 'symbol' && token.text === text
}
