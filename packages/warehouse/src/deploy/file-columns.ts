import type { ColumnSpec, ColumnType } from '../column.ts'
import type { Engine } from '../engine.ts'
import { deployError } from './deploy-error.ts'
import { startsWith, type Statement } from './object-of.ts'
import { isSymbol, isWord, type Token } from './tokens.ts'

const NAMED: Readonly<Record<Engine, Readonly<Record<string, ColumnType>>>> = {
  duckdb: {
    VARCHAR: 'text',
    TEXT: 'text',
    DOUBLE: 'double',
    INTEGER: 'integer',
    BIGINT: 'bigint',
    BOOLEAN: 'boolean',
    DATE: 'date',
    TIMESTAMP: 'timestamp',
  },
  snowflake: {
    VARCHAR: 'text',
    TEXT: 'text',
    STRING: 'text',
    DOUBLE: 'double',
    FLOAT: 'double',
    BOOLEAN: 'boolean',
    DATE: 'date',
  },
}

/**
 * The columns that a CREATE TABLE defines.
 * @throws MartletError DEPLOY_UNREADABLE when deploy does not know a column's type or clause
 */
export function fileColumns(statement: Statement, engine: Engine): readonly ColumnSpec[] {
  const { tokens } = statement
  const open = tokens.findIndex((token) => isSymbol(token, '('))
  const columns = listAt(tokens, open).flatMap((column) => {
    const [name] = column
    if (isWord(name, 'PRIMARY', 'UNIQUE', 'FOREIGN', 'CONSTRAINT')) return []
    if (name?.kind !== 'word' && name?.kind !== 'quoted')
      throw deployError(
        'DEPLOY_UNREADABLE',
        { ...statement, line: name?.line ?? statement.line },
        'a column has no name',
        'Correct the statement',
      )
    return [columnOf(statement, engine, name, column.slice(1))]
  })
  if (columns.length === 0)
    throw deployError('DEPLOY_UNREADABLE', statement, 'the table has no columns in parentheses', 'List them')
  return columns
}

function columnOf(statement: Statement, engine: Engine, name: Token, rest: readonly Token[]): ColumnSpec {
  const digits = isSymbol(rest[1], '(') ? listAt(rest, 1).map((part) => Number(part[0]?.text)) : []
  const type = typeOf(engine, rest[0]?.text ?? '', digits)
  const refuse = (what: string): never => {
    throw deployError(
      'DEPLOY_UNREADABLE',
      { ...statement, line: name.line },
      `column ${name.text} has ${what} that deploy does not know`,
      'It takes the types of Martlet, NOT NULL and PRIMARY KEY',
    )
  }
  let at = digits.length === 0 ? 1 : 2 * digits.length + 2
  let nullable = true
  while (at < rest.length) {
    if (startsWith(rest, at, ['NOT', 'NULL']) || startsWith(rest, at, ['PRIMARY', 'KEY'])) nullable = false
    else refuse(`the clause ${rest[at]?.text}`)
    at += 2
  }
  return {
    name: (name.kind === 'quoted' ? name.text.slice(1, -1) : name.text).toLowerCase(),
    type: type ?? refuse(`the type ${rest[0]?.text ?? ''}${digits.length === 0 ? '' : `(${digits.join(', ')})`}`),
    nullable,
  }
}

function typeOf(engine: Engine, name: string, digits: readonly number[]): ColumnType | undefined {
  const [precision, scale] = digits
  if (digits.length === 0) return NAMED[engine][name]
  if (engine === 'snowflake' && name === 'TIMESTAMP_NTZ' && digits.length === 1 && precision === 6) return 'timestamp'
  const decimal = engine === 'snowflake' ? name === 'NUMBER' : name === 'DECIMAL'
  if (!decimal || digits.length !== 2 || precision === undefined || scale === undefined) return undefined
  if (engine === 'snowflake' && scale === 0 && precision === 10) return 'integer'
  return engine === 'snowflake' && scale === 0 && (precision === 19 || precision === 38)
    ? 'bigint'
    : { decimal: [precision, scale] }
}

/** What is between the commas of the parentheses that open at a token. */
function listAt(tokens: readonly Token[], open: number): readonly (readonly Token[])[] {
  const parts: Token[][] = [[]]
  let depth = 0
  for (const token of open < 0 ? [] : tokens.slice(open)) {
    if (isSymbol(token, '(') && ++depth === 1) continue
    if (isSymbol(token, ')') && --depth === 0) break
    if (depth === 1 && isSymbol(token, ',')) parts.push([])
    else parts.at(-1)?.push(token)
  }
  return parts.filter((part) => part.length > 0)
}
