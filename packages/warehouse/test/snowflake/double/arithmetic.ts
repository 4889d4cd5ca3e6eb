import { closing, isSymbol, isWord, splitArguments, symbol, word } from './tokens.ts'
import type { Token } from './tokens.ts'

/**
 * Snowflake counts with NUMBERs where DuckDB takes doubles: 1 / 3 has six digits there, AVG of whole numbers too, and a division by zero is
 * an error. So the double divides and averages only what is DOUBLE on both, and whole numbers where the quotient is cast to one and nothing
 * is left over, which is exact on Snowflake; it refuses the rest when it runs.
 * CAST rounds half away from zero there, and half to even here. How dates and times look as text is set for a session; a DOUBLE without
 * fraction has no point.
 * A macro writes an argument out wherever it names it, so a quotient of means of quotients would be planned hundreds of times: what
 * needs its argument more than once takes it as the parameter of a lambda.
 */
export const ARITHMETIC_SETUP = `
  CREATE MACRO MARTLET.PUBLIC.SF_DIVIDE(a, b) AS list_transform([{'a': a, 'b': b}], lambda SF_IT: CASE
    WHEN SF_IT['a'] IS NULL OR SF_IT['b'] IS NULL THEN CAST(NULL AS DOUBLE)
    WHEN SF_IT['b'] = 0 THEN error('Division by zero')
    WHEN typeof(SF_IT['a']) <> 'DOUBLE' AND typeof(SF_IT['b']) <> 'DOUBLE' THEN error('The double refuses a division of NUMBERs, which \
has six more digits on Snowflake: cast one side to DOUBLE')
    ELSE CAST(SF_IT['a'] AS DOUBLE) / CAST(SF_IT['b'] AS DOUBLE) END)[1];
  CREATE MACRO MARTLET.PUBLIC.SF_DIVIDE_WHOLE(a, b) AS list_transform([{'a': a, 'b': b}], lambda SF_IT: CASE
    WHEN SF_IT['a'] IS NULL OR SF_IT['b'] IS NULL THEN NULL
    WHEN SF_IT['b'] = 0 THEN error('Division by zero')
    WHEN SF_IT['a'] % SF_IT['b'] <> 0 THEN error('The double divides whole numbers only where nothing is left over')
    ELSE SF_IT['a'] // SF_IT['b'] END)[1];
  CREATE MACRO MARTLET.PUBLIC.SF_MODULO(a, b) AS list_transform([{'a': a, 'b': b}], lambda SF_IT: CASE
    WHEN SF_IT['b'] = 0 AND SF_IT['a'] IS NOT NULL THEN error('Division by zero') ELSE SF_IT['a'] % SF_IT['b'] END)[1];
  CREATE MACRO MARTLET.PUBLIC.SF_FLOAT(x) AS list_transform([x], lambda SF_IT: CASE
    WHEN SF_IT IS NULL OR typeof(SF_IT) = 'DOUBLE' THEN SF_IT
    ELSE error('The double refuses a mean or spread of NUMBERs, which has other digits on Snowflake: cast it to DOUBLE') END)[1];
  CREATE MACRO MARTLET.PUBLIC.SF_APPROX_PERCENTILE(x, p) AS approx_quantile(SF_FLOAT(x), CAST(p AS FLOAT));
  CREATE MACRO MARTLET.PUBLIC.SF_NUMBER(x) AS list_transform([x], lambda SF_IT: CASE WHEN typeof(SF_IT) = 'BOOLEAN'
    THEN error('The double refuses a sum of booleans, which are no numbers on Snowflake') ELSE SF_IT END)[1];
  CREATE MACRO MARTLET.PUBLIC.SF_TEXT(x) AS list_transform([x], lambda SF_IT: CASE
    WHEN SF_IT IS NULL THEN NULL
    WHEN typeof(SF_IT) = 'DATE' AND getvariable('SF_DATE_TEXT') IS NULL THEN error('The double refuses the text of a date \
in a session that does not say DATE_OUTPUT_FORMAT')
    WHEN typeof(SF_IT) = 'TIMESTAMP' AND getvariable('SF_TIME_TEXT') IS NULL THEN error('The double refuses the text of a \
timestamp in a session that does not say TIMESTAMP_NTZ_OUTPUT_FORMAT')
    WHEN typeof(SF_IT) = 'TIMESTAMP' THEN strftime(TRY_CAST(CAST(SF_IT AS VARCHAR) AS TIMESTAMP), '%Y-%m-%d %H:%M:%S.%f')
    WHEN typeof(SF_IT) LIKE 'DECIMAL%,0)' THEN CAST(SF_IT AS VARCHAR)
    WHEN typeof(SF_IT) LIKE 'DECIMAL%' THEN error('The double refuses the text of a NUMBER with digits behind the point')
    WHEN typeof(SF_IT) = 'DOUBLE' AND length(regexp_replace(CAST(SF_IT AS VARCHAR), '\\.0$|\\D', '', 'g')) > 9 THEN error('The \
double refuses the text of a DOUBLE of many digits, which may look different on Snowflake')
    WHEN typeof(SF_IT) = 'DOUBLE' THEN regexp_replace(CAST(SF_IT AS VARCHAR), '\\.0$', '')
    ELSE CAST(SF_IT AS VARCHAR) END)[1];
`

const FLOATS = ['AVG', 'STDDEV_POP', 'STDDEV_SAMP', 'VAR_POP', 'VAR_SAMP', 'CORR', 'COVAR_POP', 'MEDIAN', 'REGR_SLOPE']

/** Divisions, remainders, means, and casts to whole numbers and texts, as calls of the macros above. */
export function arithmetic(tokens: readonly Token[]): Token[] {
  const out: Token[] = []
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]
    if (token === undefined) continue
    if (isSymbol(token, '/') || isSymbol(token, '%')) {
      const from = productStart(out)
      const until = operandEnd(tokens, at + 1)
      const divisor = arithmetic(tokens.slice(at + 1, until))
      const dividend = out.splice(from)
      out.push(
        word(isSymbol(token, '/') ? 'SF_DIVIDE' : 'SF_MODULO'),
        symbol('('),
        ...dividend,
        symbol(','),
        ...divisor,
        symbol(')'),
      )
      at = until - 1
    } else if (isWord(token, 'MOD') && isSymbol(tokens[at + 1], '(')) {
      out.push(word('SF_MODULO'))
    } else if (isWord(token, 'SUM', ...FLOATS) && isSymbol(tokens[at + 1], '(')) {
      const end = closing(tokens, at + 1)
      const list = splitArguments(tokens.slice(at + 2, end)).map((one) => [
        word(isWord(token, 'SUM') ? 'SF_NUMBER' : 'SF_FLOAT'),
        symbol('('),
        ...arithmetic(one),
        symbol(')'),
      ])
      out.push(
        token,
        symbol('('),
        ...list.flatMap((one, index) => (index === 0 ? one : [symbol(','), ...one])),
        symbol(')'),
      )
      at = end
    } else if (isWord(token, 'CAST') && isSymbol(tokens[at + 1], '(')) {
      const end = closing(tokens, at + 1)
      out.push(token, symbol('('), ...cast(tokens.slice(at + 2, end)), symbol(')'))
      at = end
    } else {
      out.push(token)
    }
  }
  return out
}

// Types are DuckDB's already.
function cast(inside: readonly Token[]): Token[] {
  const as = inside.findLastIndex((token) => isWord(token, 'AS'))
  const [value, type] = [inside.slice(0, as), inside.slice(as)]
  const plain =
    value.length === 1 && value[0]?.kind !== 'quoted' && (value[0]?.kind !== 'word' || isWord(value[0], 'NULL'))
  const name = isWord(type[1], 'BIGINT', 'INTEGER', 'HUGEINT')
    ? 'round'
    : isWord(type[1], 'VARCHAR')
      ? 'SF_TEXT'
      : undefined
  if (name === undefined || plain) return [...arithmetic(value), ...type]
  const [product, slash, divisor] = name === 'round' ? quotient(value) : []
  if (product !== undefined && slash !== undefined && divisor !== undefined)
    return [
      word('SF_DIVIDE_WHOLE'),
      symbol('('),
      ...arithmetic(product),
      symbol(','),
      ...arithmetic(divisor),
      symbol(')'),
      ...type,
    ]
  return [word(name), symbol('('), ...arithmetic(value), symbol(')'), ...type]
}

/** What stands on both sides of the division, when the whole is one. */
function quotient(value: readonly Token[]): [] | [product: readonly Token[], slash: Token, divisor: readonly Token[]] {
  for (const [at, token] of value.entries()) {
    if (isSymbol(token, '/') && productStart(value.slice(0, at)) === 0 && operandEnd(value, at + 1) === value.length)
      return [value.slice(0, at), token, value.slice(at + 1)]
  }
  return []
}

/** Where the factors begin that end with the last token: a * b in `a * b / c`. */
function productStart(tokens: readonly Token[]): number {
  let from = operandStart(tokens, tokens.length - 1)
  while (isSymbol(tokens[from - 1], '*')) from = operandStart(tokens, from - 2)
  return from
}

function operandStart(tokens: readonly Token[], last: number): number {
  let at = last
  if (isWord(tokens[at], 'END')) {
    for (let depth = 0; at >= 0; at--) {
      if (isWord(tokens[at], 'END')) depth++
      if (isWord(tokens[at], 'CASE') && --depth === 0) return at
    }
    return 0
  }
  if (isSymbol(tokens[at], ')')) {
    at = opening(tokens, at)
    const before = tokens[at - 1]
    if (isWord(before, 'OVER', 'GROUP')) {
      let call = at - 2
      if (isWord(tokens[call], 'NULLS', 'WITHIN')) call -= isWord(tokens[call], 'NULLS') ? 2 : 1
      return operandStart(tokens, call)
    }
    return before?.kind === 'word' && !BEFORE_GROUP.has(before.text) ? at - 1 : at
  }
  while (isSymbol(tokens[at - 1], '.')) at -= 2
  return at
}

/** Words before a parenthesis that groups. */
const BEFORE_GROUP: ReadonlySet<string> = new Set(
  'AND BETWEEN BY CASE DISTINCT ELSE HAVING IN NOT ON OR SELECT THEN WHEN WHERE'.split(' '),
)

function opening(tokens: readonly Token[], close: number): number {
  let depth = 0
  for (let at = close; at >= 0; at--) {
    if (isSymbol(tokens[at], ')')) depth++
    if (isSymbol(tokens[at], '(') && --depth === 0) return at
  }
  return 0
}

function operandEnd(tokens: readonly Token[], from: number): number {
  let at = from
  while (isSymbol(tokens[at], '-') || isSymbol(tokens[at], '+')) at++
  if (isWord(tokens[at], 'CASE')) {
    for (let depth = 0; at < tokens.length; at++) {
      if (isWord(tokens[at], 'CASE')) depth++
      if (isWord(tokens[at], 'END') && --depth === 0) return at + 1
    }
  }
  if (isSymbol(tokens[at], '(')) return closing(tokens, at) + 1
  while (isSymbol(tokens[at + 1], '.')) at += 2
  if (!isSymbol(tokens[at + 1], '(')) return at + 1
  let end = closing(tokens, at + 1) + 1
  if (isWord(tokens[end], 'WITHIN')) end = closing(tokens, end + 2) + 1
  if (isWord(tokens[end], 'IGNORE')) end += 2
  return isWord(tokens[end], 'OVER') ? closing(tokens, end + 1) + 1 : end
}

/** What a session's settings mean for the macros above. */
export function formatStatements(alterSession: string): string {
  const known = [
    [/\bDATE_OUTPUT_FORMAT = 'YYYY-MM-DD'/, 'SET VARIABLE SF_DATE_TEXT = 1'],
    [/\bTIMESTAMP_NTZ_OUTPUT_FORMAT = 'YYYY-MM-DD HH24:MI:SS\.FF6'/, 'SET VARIABLE SF_TIME_TEXT = 1'],
  ] as const
  return known.flatMap(([setting, statement]) => (setting.test(alterSession) ? [statement] : [])).join(';')
}
