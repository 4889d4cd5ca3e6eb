import { checkFunction } from './check-function.ts'
import { choices, isAllowedType, nodes, parts } from './constructs.ts'
import { at, isEmpty, isPlace, isTree, parseSnowflake, textAt } from './syntax-tree.ts'
import { clauseWords, reserved } from './words.ts'

/**
 * More literals in one list are refused: "maximum number of expressions in a list exceeded"
 * (https://docs.snowflake.com/en/sql-reference/constructs/values).
 */
const LIST_LIMIT = 16_384

export interface Verdict {
  /** What the parser stumbled over. */
  readonly syntax: string | null
  /** What it holds that is not allowed, each thing once. */
  readonly refused: readonly string[]
}

/** Holds one statement against the grammar and against the list of what Snowflake documents. */
export function checkStatement(text: string): Verdict {
  const parsed = parseSnowflake(text)
  if ('error' in parsed) return { syntax: parsed.error, refused: [] }
  const problems = new Set<string>(checkTokens(text))
  if (parsed.statements.length !== 1) problems.add(`${parsed.statements.length} statements instead of one`)
  for (const statement of parsed.statements)
    walk(statement, 'statement', { insideTable: false }, (problem) => problems.add(problem))
  return { syntax: null, refused: [...problems] }
}

interface Surroundings {
  /** Directly inside TABLE(…). */
  readonly insideTable: boolean
}

function walk(value: unknown, under: string, around: Surroundings, report: (problem: string) => void): void {
  if (Array.isArray(value)) {
    for (const one of value) walk(one, under, around, report)
    return
  }
  if (typeof value === 'string') {
    const listed = choices[under]
    if (listed !== undefined && !listed.includes(value)) report(`${under} ${value} is not listed`)
    return
  }
  if (!isTree(value)) return
  checkNames(under, value, report)
  for (const [key, inner] of Object.entries(value)) {
    if (isPlace(key)) continue
    const isNode = /^[A-Z]/.test(key)
    if (key === 'data_type') {
      if (!isEmpty(inner) && !isAllowedType(inner)) report(`type ${typeText(inner)} is not listed`)
      continue
    }
    if (isNode && nodes[key] === undefined) report(`${key} is not listed`)
    if (isEmpty(inner)) continue
    if (!isNode && !parts.has(`${under}.${key}`)) report(`${under}.${key} is not listed`)
    if (key === 'Function') for (const problem of checkFunction(inner, around.insideTable)) report(problem)
    if (
      key === 'CreateTable' &&
      !isEmpty(at(inner, 'query')) &&
      !isEmpty(at(inner, 'cluster_by')) &&
      isEmpty(at(inner, 'columns'))
    )
      report('CREATE TABLE AS with CLUSTER BY needs its columns defined (sql/create-table)')
    if (key === 'CreateTable' && at(inner, 'or_replace') === true && at(inner, 'if_not_exists') === true)
      report('OR REPLACE and IF NOT EXISTS exclude each other (sql/create-table)')
    if ((key === 'rows' || key === 'list') && Array.isArray(inner) && inner.length > LIST_LIMIT)
      report(`a list of ${inner.length} expressions`)
    if (key === 'limit' && textAt(inner, 'Value', 'value', 'Number', 0) === undefined)
      report('LIMIT takes a constant (constructs/limit)')
    if (key === 'distinct' && isTree(inner)) report('DISTINCT ON is not listed')
    if (key === 'options' && at(inner, 'asc') === false && typeof at(inner, 'nulls_first') !== 'boolean')
      report('DESC without NULLS FIRST or LAST: nulls come first, on DuckDB last (constructs/order-by)')
    if (key === 'AsOf') checkMatch(inner, report)
    walk(inner, key, { insideTable: key === 'TableFunction' || (around.insideTable && key === 'expr') }, report)
  }
}

/**
 * One comparison of a left and a right expression, and equalities joined by AND:
 * https://docs.snowflake.com/en/sql-reference/constructs/asof-join
 */
function checkMatch(join: unknown, report: (problem: string) => void): void {
  const operator = textAt(join, 'match_condition', 'BinaryOp', 'op')
  if (operator === undefined || !['Gt', 'GtEq', 'Lt', 'LtEq'].includes(operator))
    report('MATCH_CONDITION takes one comparison')
  const equalities = (expression: unknown): boolean => {
    const op = textAt(expression, 'BinaryOp', 'op')
    return (
      op === 'Eq' ||
      (op === 'And' &&
        equalities(at(expression, 'BinaryOp', 'left')) &&
        equalities(at(expression, 'BinaryOp', 'right')))
    )
  }
  const on = at(join, 'constraint', 'On')
  if (!isEmpty(on) && !equalities(on)) report('ON of ASOF JOIN takes equalities joined by AND')
}

/** Names without quotes must not be reserved; a table's alias must not be the beginning of a clause. */
function checkNames(under: string, node: unknown, report: (problem: string) => void): void {
  const name = textAt(node, 'value')
  if (name !== undefined && isEmpty(at(node, 'quote_style')) && under !== 'Value' && reserved.has(name.toUpperCase()))
    report(`${name} is a reserved word`)
  const alias = at(node, 'alias')
  const called = textAt(alias, 'name', 'value') ?? ''
  if (
    isEmpty(at(alias, 'explicit')) &&
    isEmpty(at(alias, 'name', 'quote_style')) &&
    clauseWords.has(called.toUpperCase())
  )
    report(`${called} as an alias without AS begins a clause`)
}

// What the tree does not show.
function checkTokens(text: string): readonly string[] {
  const bare = text.replaceAll(/'(?:[^'\\]|''|\\[\s\S])*'/g, "''").replaceAll(/"(?:[^"]|"")*"/g, '""')
  const problems: string[] = []
  if (/\bOR\s+ALTER\b/i.test(bare))
    problems.push('CREATE OR ALTER drops what its definition does not name (sql/create-or-alter)')
  if (bare.includes('//')) problems.push('// is a comment on Snowflake (sql-reference/constructs)')
  // A COPY INTO reads files whose columns are called c0, c1, …, and casts each.
  const files = text.startsWith('COPY INTO') ? bare.replaceAll(/CAST\(\$1:c\d+ AS /g, 'CAST(c AS ') : bare
  if (/\$\d/.test(files)) problems.push('$1 names a column of a staged file; a bound value is ?')
  if (/[[\]{}]/.test(bare)) problems.push('brackets and braces are for semi-structured data')
  if (/--|\/\*/.test(bare)) problems.push('comments are not printed')
  if (bare.includes("'") && /'\s*'(?!')/.test(bare.replaceAll("''", '')))
    problems.push('a text literal that does not end')
  return problems
}

function typeText(type: unknown): string {
  return JSON.stringify(type, (key, value: unknown) => (isPlace(key) ? undefined : value)).replaceAll(
    /[{}[\]"]|Identifier:|value:/g,
    '',
  )
}
