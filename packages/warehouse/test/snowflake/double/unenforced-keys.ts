import { closing, isSymbol, isWord, Refused } from './tokens.ts'
import type { Token } from './tokens.ts'

/** Leaves `, CONSTRAINT name PRIMARY KEY (columns)` of CREATE TABLE out: Snowflake takes it and does not enforce it. */
export function unenforcedKeys(tokens: readonly Token[]): Token[] {
  const at = tokens.findIndex((token) => isWord(token, 'CONSTRAINT'))
  const out = [...tokens]
  if (at >= 0 && isWord(tokens[0], 'CREATE')) {
    if (!isSymbol(tokens[at - 1], ',') || !isWord(tokens[at + 2], 'PRIMARY') || !isWord(tokens[at + 3], 'KEY'))
      throw new Refused('a constraint in another form than CONSTRAINT name PRIMARY KEY (...)')
    out.splice(at - 1, closing(tokens, at + 4) - at + 2)
  }
  if (out.some((token) => isWord(token, 'CONSTRAINT', 'UNIQUE', 'REFERENCES', 'INDEX') || isWord(token, 'PRIMARY')))
    throw new Refused('a constraint or an index besides one primary key')
  return out
}
