import { closing, isSymbol, isWord, symbol, word } from './tokens.ts'
import type { Token } from './tokens.ts'

/**
 * `CAST((a) / b AS NUMBER(n, 0))`, after types are DuckDB's. Snowflake divides NUMBERs with six digits behind the point, which is exact for
 * what leaves no remainder; DuckDB would divide doubles and lose the last digits above 2^53. What leaves a remainder is an error:
 * Snowflake would round it.
 */
export function wholeDivision(tokens: readonly Token[]): Token[] {
  const out: Token[] = []
  for (let at = 0; at < tokens.length; at++) {
    const parts = divisionAt(tokens, at)
    if (parts === undefined) {
      out.push(tokens[at] ?? word(''))
      continue
    }
    const [a, b] = [wholeDivision(parts.dividend), wholeDivision(parts.divisor)]
    out.push(word('CAST'), symbol('('), word('CASE WHEN'), ...a, symbol('%'), ...b, word('= 0 THEN'), ...a, word('//'), ...b)
    out.push(word('WHEN'), ...b, word('<> 0 AND'), ...a, word("IS NOT NULL THEN error('the double divides whole numbers only where nothing is left over') END"))
    at = parts.until - 1
  }
  return out
}

function divisionAt(tokens: readonly Token[], at: number): { readonly dividend: readonly Token[]; readonly divisor: readonly Token[]; readonly until: number } | undefined {
  if (!isWord(tokens[at], 'CAST') || !isSymbol(tokens[at + 1], '(') || !isSymbol(tokens[at + 2], '(')) return undefined
  const end = closing(tokens, at + 2)
  if (!isSymbol(tokens[end + 1], '/')) return undefined
  const from = end + 2
  const call = isSymbol(tokens[from + 1], '(')
  const until = call ? closing(tokens, from + 1) + 1 : from + 1
  if (!isWord(tokens[until], 'AS') || !isWord(tokens[until + 1], 'BIGINT', 'HUGEINT', 'INTEGER')) return undefined
  return { dividend: tokens.slice(at + 2, end + 1), divisor: tokens.slice(from, until), until }
}
