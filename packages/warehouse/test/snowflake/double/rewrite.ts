import { unenforcedKeys } from './unenforced-keys.ts'
import { closing, isSymbol, isWord, print, Refused, splitArguments, symbol, tokenize, word } from './tokens.ts'
import type { Token } from './tokens.ts'
import { clusteringOf, withoutTableOptions } from './clustering.ts'
import type { Clustering } from './clustering.ts'
import { arithmetic } from './arithmetic.ts'
import { refuseIntervals } from './dates.ts'
import { refuseNames } from './names.ts'
import { frames } from './windows.ts'

export interface Rewritten {
  readonly kind:
    | 'query'
    | 'insert'
    | 'update'
    | 'delete'
    | 'merge'
    | 'ddl'
    | 'begin'
    | 'commit'
    | 'rollback'
    | 'session'
  readonly sql: string
  readonly clustering?: Clustering | undefined
  /** Finds a target row that several source rows match, which Snowflake's MERGE refuses. */
  readonly duplicates?: string
}

/** Snowflake functions that DuckDB has by the same name with the same meaning for what our statements pass. */
const SAME = new Set(
  `ABS APPROX_COUNT_DISTINCT AVG CEIL COALESCE CORR COUNT COVAR_POP DENSE_RANK EXP FIRST_VALUE FLOOR HOUR LAG
    LAST_VALUE LEAD LENGTH LN LOWER MAX MD5 MEDIAN MIN MOD MONTH DAY NTILE NULLIF PERCENTILE_CONT POWER REGR_SLOPE
    QUARTER RANK ROUND ROW_NUMBER SIGN SQRT STDDEV_POP STDDEV_SAMP SUBSTR SUM TRIM UPPER VAR_POP VAR_SAMP YEAR
    DAYOFYEAR`.split(/\s+/),
)
/** Snowflake functions that DuckDB has by another name, or that are macros of the double (see engine.ts). */
const RENAMED: Readonly<Record<string, string>> = {
  APPROX_PERCENTILE: 'SF_APPROX_PERCENTILE',
  LEAST_IGNORE_NULLS: 'least',
  GREATEST_IGNORE_NULLS: 'greatest',
  // Its numbers are not Snowflake's, which nobody may rely on.
  HASH: 'hash',
  ARRAY_SIZE: 'len',
  ARRAY_DISTINCT: 'list_distinct',
  WEEKISO: 'week',
  DAYOFWEEKISO: 'isodow',
  IFF: 'SF_IFF',
  DATEADD: 'SF_DATEADD',
  DATE_PART: 'SF_DATE_PART',
  DATE_TRUNC: 'SF_DATE_TRUNC',
  CONVERT_TIMEZONE: 'SF_CONVERT_TIMEZONE',
  SYSTEM$TYPEOF: 'SF_SYSTEM_TYPEOF',
  TO_TIMESTAMP_NTZ: 'SF_TO_TIMESTAMP_NTZ',
  TO_NUMBER: 'SF_TO_NUMBER',
  REGEXP_INSTR: 'SF_REGEXP_INSTR',
  ARRAY_GENERATE_RANGE: 'SF_ARRAY_GENERATE_RANGE',
  SHA2: 'SF_SHA2',
  CONCAT: 'SF_CONCAT',
  IS_ROLE_IN_SESSION: 'SF_IS_ROLE_IN_SESSION',
  CURRENT_ROLE: 'SF_CURRENT_ROLE',
  CURRENT_DATABASE: 'SF_CURRENT_DATABASE',
  CURRENT_SCHEMA: 'SF_CURRENT_SCHEMA',
  CURRENT_WAREHOUSE: 'SF_CURRENT_WAREHOUSE',
  CURRENT_VERSION: 'SF_CURRENT_VERSION',
  SYSDATE: 'SF_SYSDATE',
}
/** Words before a parenthesis that call no function. */
const SYNTAX = new Set(
  (
    'ADD ALL AND ANY AS BETWEEN BY CASE CAST CLUSTER DISTINCT ELSE EXCEPT EXISTS FILTER FROM GROUP HAVING IN INNER ' +
    `INSERT INTERSECT INTO JOIN LATERAL LEFT
  LIMIT MATCHED NOT ON OR ORDER OVER PARTITION SELECT SET TABLE THEN UNION USING VALUES WHEN WHERE WITH GROUP
    MATCH_CONDITION NUMBER VARCHAR TIMESTAMP_NTZ TIMESTAMP_TZ TIMESTAMP_LTZ DECIMAL`
  ).split(/\s+/),
)
const REFUSED_WORDS = new Set(
  'RETURNING CONFLICT SEMI ANTI POSITIONAL PIVOT UNPIVOT SAMPLE TABLESAMPLE LIST STRUCT UNNEST ILIKE GLOB SIMILAR'.split(
    ' ',
  ),
)
/** Types that Snowflake lacks, or that its settings may change. */
const REFUSED_TYPES = new Set('TIMESTAMP TIMESTAMPTZ HUGEINT UBIGINT UINTEGER FLOAT4'.split(' '))
const REFUSED_SYMBOLS = new Set(['//', '->', '[', ']', '{', '}'])
const KINDS: Readonly<Record<string, Rewritten['kind']>> = {
  SELECT: 'query',
  WITH: 'query',
  INSERT: 'insert',
  UPDATE: 'update',
  DELETE: 'delete',
  MERGE: 'merge',
  CREATE: 'ddl',
  ALTER: 'ddl',
  DROP: 'ddl',
  USE: 'ddl',
  BEGIN: 'begin',
  COMMIT: 'commit',
  ROLLBACK: 'rollback',
}

/** A text for each `?`, or `lists`: a list of texts for each, which DuckDB is to be given as its parameters. */
export type BoundTexts = readonly (string | null)[] | 'lists'

/**
 * Our subset of Snowflake's SQL as DuckDB's. Everything else is refused by name. Bound texts are written out: DuckDB plans a
 * statement with parameters twice, before it knows their types and again when it is given them.
 */
export function rewrite(sql: string, binds: BoundTexts): Rewritten {
  const tokens = unenforcedKeys(withTexts(tokenize(sql), binds))
  const end = tokens.findIndex((token) => isSymbol(token, ';'))
  if (end >= 0 && end < tokens.length - 1) throw new Refused('several statements in one request')
  if (end >= 0) tokens.pop()
  if (isWord(tokens[0], 'ALTER') && isWord(tokens[1], 'SESSION')) return { kind: 'session', sql: '' }
  if (isWord(tokens[0], 'SHOW')) return { kind: 'query', sql: showParameter(tokens) }
  const kind = tokens[0]?.kind === 'word' ? KINDS[tokens[0].text] : undefined
  if (kind === undefined) throw new Refused(`a statement that begins with ${tokens[0]?.text ?? 'nothing'}`)
  refuseUnknown(tokens)
  refuseNames(tokens)
  refuseIntervals(tokens)
  const done = [
    frames,
    types,
    arithmetic,
    catalog,
    asof,
    withoutTableOptions,
    definedColumns,
    ignoreNulls,
    flatten,
    arrayAgg,
    get,
    functions,
  ].reduce((rest, step) => step(rest), tokens)
  if (kind === 'ddl') return { kind, sql: print(done), clustering: clusteringOf(tokens) }
  if (kind === 'merge') return { kind, sql: print(done), duplicates: duplicateQuery(done) }
  return { kind, sql: binds === 'lists' ? print(manyRows(done)) : print(done) }
}

function withTexts(tokens: readonly Token[], binds: BoundTexts): Token[] {
  if (binds === 'lists') return [...tokens]
  let bound = 0
  const out = tokens.map((token): Token => {
    const text = token.kind === 'bind' ? binds[bound++] : undefined
    return text === undefined ? token : { kind: 'bind', text: `CAST(${textLiteral(text)} AS VARCHAR)` }
  })
  if (bound < binds.length) throw new Refused(`${binds.length} bound values for ${bound} places`)
  return out
}

// A statement ends for DuckDB where its text has the character 0.
function textLiteral(text: string | null): string {
  if (text === null) return 'NULL'
  return text
    .split('\0')
    .map((part) => print([{ kind: 'string', text: part }]))
    .join(' || chr(0) || ')
}

// The session's time zone is the only parameter that is asked for.
function showParameter(tokens: readonly Token[]): string {
  const asked = tokens.map(({ text }) => text).join(' ')
  if (asked !== 'SHOW PARAMETERS LIKE TIMEZONE IN SESSION')
    throw new Refused(`SHOW in another form than SHOW PARAMETERS LIKE 'TIMEZONE' IN SESSION`)
  return (
    `SELECT 'TIMEZONE' AS "key", 'UTC' AS "value", 'America/Los_Angeles' AS "default", 'SESSION' AS "level", '' ` +
    `AS "description", 'STRING' AS "type"`
  )
}

function refuseUnknown(tokens: readonly Token[]): void {
  tokens.forEach((token, at) => {
    if (token.kind === 'symbol' && REFUSED_SYMBOLS.has(token.text)) throw new Refused(`the operator ${token.text}`)
    if (token.kind !== 'word' || isSymbol(tokens[at - 1], '.')) return
    if (REFUSED_TYPES.has(token.text)) throw new Refused(`the type ${token.text}`)
    if (REFUSED_WORDS.has(token.text) && !isWord(tokens[at - 1], 'AS')) throw new Refused(`the word ${token.text}`)
    if (token.text === 'ASOF' && !isWord(tokens[at + 1], 'JOIN')) throw new Refused('ASOF without JOIN after it')
    const named = isWord(tokens[at - 1], 'AS', 'TABLE', 'INTO', 'EXISTS') || tokens[at - 1]?.kind === 'quoted'
    const known =
      SAME.has(token.text) ||
      SYNTAX.has(token.text) ||
      token.text in RENAMED ||
      ['GET', 'FLATTEN', 'ARRAY_AGG', 'WITHIN'].includes(token.text)
    if (isSymbol(tokens[at + 1], '(') && !named && !known) throw new Refused(`the function ${token.text}`)
  })
}

function types(tokens: readonly Token[]): Token[] {
  return replace(tokens, (at) => {
    const [first, open, precision, comma, scale, close] = tokens.slice(at, at + 6)
    if (isWord(first, 'NUMBER') && isSymbol(open, '(')) {
      if (precision === undefined || scale === undefined || !isSymbol(comma, ',') || !isSymbol(close, ')'))
        throw new Refused('NUMBER without precision and scale')
      return { until: at + 6, tokens: [word(numberType(Number(precision.text), Number(scale.text)))] }
    }
    if (isWord(first, 'NUMBER')) throw new Refused('NUMBER without precision and scale')
    if (isWord(first, 'FLOAT')) return { until: at + 1, tokens: [word('DOUBLE')] }
    if (!isWord(first, 'TIMESTAMP_NTZ', 'TIMESTAMP_TZ', 'TIMESTAMP_LTZ')) return undefined
    if (!isSymbol(open, '(') || precision?.text !== '6') throw new Refused(`${first?.text} without its 6 digits`)
    return { until: at + 4, tokens: [word(isWord(first, 'TIMESTAMP_NTZ') ? 'TIMESTAMP' : 'TIMESTAMPTZ')] }
  })
}

function numberType(precision: number, scale: number): string {
  if (scale === 0 && precision === 10) return 'INTEGER'
  if (scale === 0 && precision === 19) return 'BIGINT'
  return scale === 0 && precision === 38 ? 'HUGEINT' : `DECIMAL(${precision}, ${scale})`
}

function catalog(tokens: readonly Token[]): Token[] {
  return replace(tokens, (at) => {
    if (!isWord(tokens[at], 'INFORMATION_SCHEMA') || !isSymbol(tokens[at + 1], '.')) return undefined
    const view = tokens[at + 2]
    if (!isWord(view, 'COLUMNS', 'TABLES', 'SCHEMATA', 'OBJECT_PRIVILEGES', 'ENABLED_ROLES'))
      throw new Refused(`INFORMATION_SCHEMA.${view?.text}`)
    return { until: at + 3, tokens: [word(`SF_CATALOG.${view?.text}`)] }
  })
}

function asof(tokens: readonly Token[]): Token[] {
  return replace(tokens, (at) => {
    if (isWord(tokens[at], 'ASOF')) return { until: at + 1, tokens: [word('ASOF LEFT')] }
    if (!isWord(tokens[at], 'MATCH_CONDITION')) return undefined
    const end = closing(tokens, at + 1)
    const condition = tokens.slice(at + 2, end)
    if (condition.some((token) => isWord(token, 'AND', 'OR')))
      throw new Refused('a MATCH_CONDITION with more than one comparison')
    const on = isWord(tokens[end + 1], 'ON')
    return { until: on ? end + 2 : end + 1, tokens: [word('ON'), ...condition, ...(on ? [word('AND')] : [])] }
  })
}

// DuckDB has no CREATE TABLE t (columns) AS query: the query is cast to the columns instead.
function definedColumns(tokens: readonly Token[]): Token[] {
  const table = tokens.findIndex((token) => isWord(token, 'TABLE'))
  const open = tokens.findIndex((token, at) => at > table && isSymbol(token, '('))
  if (
    !isWord(tokens[0], 'CREATE') ||
    table < 0 ||
    open < 0 ||
    tokens.slice(0, open).some((token) => isWord(token, 'AS'))
  )
    return [...tokens]
  const end = closing(tokens, open)
  if (!isWord(tokens[end + 1], 'AS')) return [...tokens]
  const columns = splitArguments(tokens.slice(open + 1, end)).map(([name = symbol(''), ...type]) => ({
    name,
    type: type.filter((token) => !isWord(token, 'NOT', 'NULL')),
  }))
  const casts = columns.map(({ name, type }) => `CAST(${print([name])} AS ${print(type)}) AS ${print([name])}`)
  const names = columns.map(({ name }) => print([name]))
  return [
    ...tokens.slice(0, open),
    word(`AS SELECT ${casts.join(', ')} FROM (`),
    ...tokens.slice(end + 2),
    word(`) AS SF_ROWS(${names.join(', ')})`),
  ]
}

// Inside the parentheses it is DuckDB's, behind them Snowflake's.
function ignoreNulls(tokens: readonly Token[]): Token[] {
  return replace(tokens, (at) => {
    if (isWord(tokens[at], 'IGNORE') && !isSymbol(tokens[at - 1], ')'))
      throw new Refused('IGNORE NULLS inside the parentheses')
    if (!isSymbol(tokens[at], ')') || !isWord(tokens[at + 1], 'IGNORE')) return undefined
    return { until: at + 3, tokens: [word('IGNORE NULLS'), symbol(')')] }
  })
}

function flatten(tokens: readonly Token[]): Token[] {
  return replace(tokens, (at) => {
    if (!isWord(tokens[at], 'FLATTEN')) return undefined
    const end = closing(tokens, at + 1)
    const [input, arrow, ...list] = tokens.slice(at + 2, end)
    const framed = isSymbol(tokens[at - 1], '(') && isWord(tokens[at - 2], 'TABLE')
    if (!framed || !isWord(input, 'INPUT') || !isSymbol(arrow, '=>'))
      throw new Refused('FLATTEN in another form than TABLE(FLATTEN(INPUT => ...))')
    return {
      until: end + 1,
      tokens: [word('SELECT UNNEST'), symbol('('), ...flatten(list), symbol(')'), word('AS VALUE')],
    }
  }).filter(
    (token, at, all) => !(isWord(token, 'TABLE') && isSymbol(all[at + 1], '(') && isWord(all[at + 2], 'SELECT UNNEST')),
  )
}

// Snowflake leaves nulls out and gives an empty array of nothing; DuckDB keeps them and gives null.
function arrayAgg(tokens: readonly Token[]): Token[] {
  return replace(tokens, (at) => {
    if (!isWord(tokens[at], 'ARRAY_AGG')) return undefined
    const end = closing(tokens, at + 1)
    const value = tokens.slice(at + 2, end)
    const windowed = isWord(tokens[end + 1], 'OVER')
    if (!windowed && !(isWord(tokens[end + 1], 'WITHIN') && isWord(tokens[end + 2], 'GROUP')))
      throw new Refused('ARRAY_AGG without WITHIN GROUP or OVER')
    const until = closing(tokens, windowed ? end + 2 : end + 3)
    const order = windowed ? [] : tokens.slice(end + 4, until)
    const over = windowed ? tokens.slice(end + 1, until + 1) : []
    return {
      until: until + 1,
      tokens: [
        word('COALESCE'),
        symbol('('),
        word('list'),
        symbol('('),
        ...value,
        ...order,
        symbol(')'),
        word('FILTER (WHERE ('),
        ...value,
        word(') IS NOT NULL)'),
        ...over,
        symbol(','),
        word('[]'),
        symbol(')'),
      ],
    }
  })
}

function get(tokens: readonly Token[]): Token[] {
  return replace(tokens, (at) => {
    if (!isWord(tokens[at], 'GET') || !isSymbol(tokens[at + 1], '(')) return undefined
    const end = closing(tokens, at + 1)
    const [list = [], index = []] = splitArguments(tokens.slice(at + 2, end))
    if (index.length !== 1 || index[0]?.kind !== 'number') throw new Refused('GET with an index that is no constant')
    return {
      until: end + 1,
      tokens: [
        word('array_extract'),
        symbol('('),
        ...get(list),
        symbol(','),
        word(String(Number(index[0].text) + 1)),
        symbol(')'),
      ],
    }
  })
}

function functions(tokens: readonly Token[]): Token[] {
  return replace(tokens, (at) => {
    const token = tokens[at]
    if (isWord(token, 'EPOCH_MICROSECOND') && isSymbol(tokens[at - 1], '('))
      return { until: at + 1, tokens: [{ kind: 'string', text: 'epoch_microsecond' }] }
    const name =
      token?.kind === 'word' && isSymbol(tokens[at + 1], '(') && Object.hasOwn(RENAMED, token.text)
        ? RENAMED[token.text]
        : undefined
    return name === undefined ? undefined : { until: at + 1, tokens: [word(name)] }
  })
}

// INSERT ... VALUES (row of ?) with a list of values for each ?.
function manyRows(tokens: readonly Token[]): Token[] {
  const at = tokens.findIndex((token) => isWord(token, 'VALUES'))
  if (!isWord(tokens[0], 'INSERT') || at < 0 || closing(tokens, at + 1) !== tokens.length - 1)
    throw new Refused('array binds outside INSERT ... VALUES (...)')
  let binds = 0
  const row = tokens.slice(at + 2, -1).map((token) => (token.kind === 'bind' ? word(`B${++binds}`) : token))
  const lists = Array.from({ length: binds }, (_, index) => `UNNEST(CAST($${index + 1} AS VARCHAR[])) AS B${index + 1}`)
  return [...tokens.slice(0, at), word('SELECT'), ...row, word(`FROM (SELECT ${lists.join(', ')})`)]
}

function duplicateQuery(tokens: readonly Token[]): string {
  const using = tokens.findIndex((token) => isWord(token, 'USING'))
  const on = tokens.findIndex((token, at) => at > using && isWord(token, 'ON'))
  const when = tokens.findIndex((token, at) => at > on && isWord(token, 'WHEN'))
  if (using < 0 || on < 0 || when < 0 || !isWord(tokens[using - 2], 'AS'))
    throw new Refused('MERGE in another form than INTO t AS a USING s AS b ON ... WHEN ...')
  const target = tokens.slice(2, using)
  return (
    `SELECT 1 FROM ${print(target)} JOIN ${print(tokens.slice(using + 1, on))} ON ` +
    `${print(tokens.slice(on + 1, when))} GROUP BY ${print(target.slice(-1))}.rowid HAVING COUNT(*) > 1 LIMIT 1`
  )
}

function replace(
  tokens: readonly Token[],
  change: (at: number) => { readonly until: number; readonly tokens: readonly Token[] } | undefined,
): Token[] {
  const out: Token[] = []
  for (let at = 0; at < tokens.length;) {
    const changed = change(at)
    const token = tokens[at]
    if (changed !== undefined) {
      out.push(...changed.tokens)
      at = changed.until
    } else {
      if (token !== undefined) out.push(token)
      at++
    }
  }
  return out
}
