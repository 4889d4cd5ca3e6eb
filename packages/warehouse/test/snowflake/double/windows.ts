import { closing, isSymbol, isWord, Refused, word } from './tokens.ts'
import type { Token } from './tokens.ts'

/** Without a frame these see the whole partition on Snowflake, and only what comes before on DuckDB. */
const WHOLE = ['FIRST_VALUE', 'LAST_VALUE', 'NTH_VALUE']

/** Prints the frame that Snowflake takes where none is written. What runs first, for it looks for OVER behind IGNORE NULLS. */
export function frames(tokens: readonly Token[]): Token[] {
  const out = [...tokens]
  refuseDistinct(tokens)
  for (let at = tokens.length - 1; at >= 0; at--) {
    if (!isWord(out[at], ...WHOLE) || !isSymbol(out[at + 1], '(')) continue
    let over = closing(out, at + 1) + 1
    if (isWord(out[over], 'IGNORE', 'RESPECT')) over += 2
    if (!isWord(out[over], 'OVER')) throw new Refused(`${out[at]?.text} without OVER`)
    const end = closing(out, over + 1)
    if (own(out.slice(over + 2, end), 'ROWS', 'RANGE')) continue
    if (!own(out.slice(over + 2, end), 'ORDER')) throw new Refused(`${out[at]?.text} without ORDER BY`)
    out.splice(end, 0, word('ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING'))
  }
  return out
}

// A compile-time error on Snowflake (sql-reference/functions/count); DuckDB counts.
function refuseDistinct(tokens: readonly Token[]): void {
  tokens.forEach((token, at) => {
    if (!isWord(token, 'DISTINCT') || !isSymbol(tokens[at - 1], '(')) return
    const over = closing(tokens, at - 1) + 1
    if (isWord(tokens[over], 'OVER') && own(tokens.slice(over + 2, closing(tokens, over + 1)), 'ORDER'))
      throw new Refused('DISTINCT in a window with an order')
  })
}

// Outside of parentheses within.
function own(tokens: readonly Token[], ...words: readonly string[]): boolean {
  let depth = 0
  return tokens.some((token) => {
    if (isSymbol(token, '(')) depth++
    if (isSymbol(token, ')')) depth--
    return depth === 0 && isWord(token, ...words)
  })
}
