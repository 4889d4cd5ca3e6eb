import type { Engine } from '../engine.ts'
import { deployError } from './deploy-error.ts'
import { foldTokens, isSymbol, isWord, type Token } from './tokens.ts'

export interface Statement {
  readonly file: string
  readonly line: number
  readonly tokens: readonly Token[]
}

/** What a statement creates or sets. */
export interface StatementObject {
  /** In upper case, such as `TABLE`; `GRANT`, `SETTING`, `TAGGING`, `MASKING` and `ROW ACCESS` concern other objects. */
  readonly kind: string
  readonly name: string
  /** Keys of the objects that it belongs to: when one of them is created again, so is this. */
  readonly on: readonly string[]
}

type Form = 'IF NOT EXISTS' | 'OR REPLACE' | 'OR ALTER'

/**
 * The one form of CREATE that each kind takes, which can run again without harm. A replaced table would lose its rows
 * and policies.
 */
const FORMS: Readonly<Record<Engine, Readonly<Record<string, Form>>>> = {
  duckdb: { SCHEMA: 'IF NOT EXISTS', TABLE: 'IF NOT EXISTS', VIEW: 'OR REPLACE' },
  snowflake: {
    DATABASE: 'IF NOT EXISTS',
    SCHEMA: 'IF NOT EXISTS',
    WAREHOUSE: 'IF NOT EXISTS',
    'RESOURCE MONITOR': 'IF NOT EXISTS',
    ROLE: 'IF NOT EXISTS',
    TABLE: 'IF NOT EXISTS',
    VIEW: 'OR REPLACE',
    TAG: 'IF NOT EXISTS',
    'MASKING POLICY': 'IF NOT EXISTS',
    'ROW ACCESS POLICY': 'IF NOT EXISTS',
    'COMPUTE POOL': 'IF NOT EXISTS',
    'IMAGE REPOSITORY': 'IF NOT EXISTS',
    STREAM: 'IF NOT EXISTS',
    TASK: 'OR ALTER',
  },
}
const PLURALS: Readonly<Record<string, string>> = { TABLES: 'TABLE', VIEWS: 'VIEW', STREAMS: 'STREAM', TASKS: 'TASK' }

export function keyOf({ kind, name }: { readonly kind: string; readonly name: string }): string {
  return `${kind} ${name}`
}

/**
 * What a statement creates or sets.
 * @throws MartletError DEPLOY_UNKNOWN_STATEMENT when deploy does not know the statement
 * @throws MartletError DEPLOY_NOT_IDEMPOTENT when it could not run a second time
 */
export function objectOf(statement: Statement, engine: Engine): StatementObject {
  const [first] = statement.tokens
  if (isWord(first, 'CREATE')) return created(statement, engine)
  if (engine === 'snowflake' && isWord(first, 'ALTER')) return altered(statement)
  if (engine === 'snowflake' && isWord(first, 'GRANT')) return granted(statement)
  throw unknown(statement, engine)
}

function created(statement: Statement, engine: Engine): StatementObject {
  const { tokens } = statement
  const forms = FORMS[engine]
  let at = 1
  const replace = isWord(tokens[at], 'OR') ? `OR ${tokens[at + 1]?.text}` : undefined
  if (replace !== undefined) at += 2
  const secure = isWord(tokens[at], 'SECURE')
  if (secure) at++
  const kind = Object.keys(forms).find((name) => startsWith(tokens, at, name.split(' ')))
  if (kind === undefined || (secure && (kind !== 'VIEW' || engine !== 'snowflake'))) throw unknown(statement, engine)
  at += kind.split(' ').length
  const guarded = startsWith(tokens, at, ['IF', 'NOT', 'EXISTS'])
  const { name, next } = nameAt(statement, guarded ? at + 3 : at)
  const form = replace ?? (guarded ? 'IF NOT EXISTS' : 'no clause that makes it safe to run again')
  if (form !== forms[kind] || (replace !== undefined && guarded)) {
    throw deployError(
      'DEPLOY_NOT_IDEMPOTENT',
      statement,
      `${kind} ${name} is created with ${form}; deploy takes only ${forms[kind]}`,
      'Write it that way, so that it can run again without harm',
    )
  }
  if (kind === 'VIEW' && engine === 'snowflake' && !startsWith(tokens, next, ['COPY', 'GRANTS'])) {
    throw deployError(
      'DEPLOY_NOT_IDEMPOTENT',
      statement,
      `VIEW ${name} is replaced without COPY GRANTS, which would revoke every grant on it`,
      'Write COPY GRANTS before AS',
    )
  }
  const parent = name.includes('.') ? [`SCHEMA ${name.split('.').slice(0, -1).join('.')}`] : []
  // A stream on a table that was created again reads nothing any more.
  const table = kind === 'STREAM' && startsWith(tokens, next, ['ON', 'TABLE']) ? nameAt(statement, next + 2).name : ''
  return { kind, name, on: table === '' ? parent : [...parent, `TABLE ${table}`] }
}

function altered(statement: Statement): StatementObject {
  const { tokens } = statement
  const kind = Object.keys(FORMS.snowflake).find((name) => startsWith(tokens, 1, name.split(' ')))
  if (kind === undefined) throw unknown(statement, 'snowflake')
  const { name, next } = nameAt(statement, 1 + kind.split(' ').length)
  const on = `${kind} ${name}`
  if (kind === 'TABLE') return alteredTable(statement, name, next)
  if (!isWord(tokens[next], 'SET')) throw unknown(statement, 'snowflake')
  const rest = tokens.slice(next + 1)
  const set = isWord(rest[0], 'BODY')
    ? ['BODY']
    : rest.flatMap(({ kind: what, text }, at) => (what === 'word' && isSymbol(rest[at + 1], '=') ? [text] : []))
  if (set.length === 0) throw unknown(statement, 'snowflake')
  return { kind: 'SETTING', name: `${on}: ${set.join(', ')}`, on: [on] }
}

function alteredTable(statement: Statement, table: string, at: number): StatementObject {
  const { tokens } = statement
  const on = `TABLE ${table}`
  if (startsWith(tokens, at, ['ADD', 'ROW', 'ACCESS', 'POLICY'])) {
    const policy = nameAt(statement, at + 4)
    return { kind: 'ROW ACCESS', name: table, on: [on, `ROW ACCESS POLICY ${policy.name}`] }
  }
  if (startsWith(tokens, at, ['MODIFY', 'COLUMN'])) {
    const column = nameAt(statement, at + 2)
    if (startsWith(tokens, column.next, ['SET', 'TAG'])) {
      const tag = nameAt(statement, column.next + 2)
      return { kind: 'TAGGING', name: `${table}.${column.name} ${tag.name}`, on: [on, `TAG ${tag.name}`] }
    }
    if (startsWith(tokens, column.next, ['SET', 'MASKING', 'POLICY'])) {
      const policy = nameAt(statement, column.next + 3)
      if (!isWord(tokens[policy.next], 'FORCE'))
        throw deployError(
          'DEPLOY_NOT_IDEMPOTENT',
          statement,
          `a masking policy is set on ${table}.${column.name} without FORCE, which fails when the column has one`,
          'Write FORCE after its name',
        )
      return { kind: 'MASKING', name: `${table}.${column.name}`, on: [on, `MASKING POLICY ${policy.name}`] }
    }
  }
  throw unknown(statement, 'snowflake')
}

function granted(statement: Statement): StatementObject {
  const { tokens } = statement
  const to = tokens.findLastIndex((token) => isWord(token, 'TO'))
  if (to < 0 || !isWord(tokens[to + 1], 'ROLE')) throw unknown(statement, 'snowflake')
  const role = nameAt(statement, to + 2)
  if (role.next < tokens.length) throw unknown(statement, 'snowflake')
  const name = foldTokens(tokens.slice(1))
  const grantee = `ROLE ${role.name}`
  if (isWord(tokens[1], 'ROLE')) return { kind: 'GRANT', name, on: [`ROLE ${nameAt(statement, 2).name}`, grantee] }
  const on = tokens.findIndex((token) => isWord(token, 'ON'))
  if (on < 0) throw unknown(statement, 'snowflake')
  if (isWord(tokens[on + 1], 'ACCOUNT')) return { kind: 'GRANT', name, on: [grantee] }
  if (
    isWord(tokens[on + 1], 'ALL', 'FUTURE') &&
    PLURALS[tokens[on + 2]?.text ?? ''] !== undefined &&
    startsWith(tokens, on + 3, ['IN', 'SCHEMA'])
  ) {
    return { kind: 'GRANT', name, on: [`SCHEMA ${nameAt(statement, on + 5).name}`, grantee] }
  }
  const kind = Object.keys(FORMS.snowflake).find((one) => startsWith(tokens, on + 1, one.split(' ')))
  if (kind === undefined) throw unknown(statement, 'snowflake')
  return { kind: 'GRANT', name, on: [`${kind} ${nameAt(statement, on + 1 + kind.split(' ').length).name}`, grantee] }
}

/** A name of up to three parts, as the engine folds it. */
export function nameAt(statement: Statement, at: number): { readonly name: string; readonly next: number } {
  const { tokens } = statement
  const parts: string[] = []
  for (let next = at; ; next += 2) {
    const token = tokens[next]
    if (token?.kind !== 'word' && token?.kind !== 'quoted')
      throw deployError(
        'DEPLOY_UNREADABLE',
        statement,
        `a name is expected where ${JSON.stringify(token?.text ?? 'the end')} is`,
        'Correct the statement',
      )
    parts.push(token.kind === 'quoted' ? token.text.slice(1, -1).replaceAll('""', '"') : token.text)
    if (!isSymbol(tokens[next + 1], '.')) return { name: parts.join('.'), next: next + 1 }
  }
}

export function startsWith(tokens: readonly Token[], at: number, words: readonly string[]): boolean {
  return words.every((word, index) => isWord(tokens[at + index], word))
}

function unknown(statement: Statement, engine: Engine): Error {
  const beginning = statement.tokens
    .slice(0, 6)
    .map(({ text }) => text)
    .join(' ')
  return deployError(
    'DEPLOY_UNKNOWN_STATEMENT',
    statement,
    `deploy does not know what ${JSON.stringify(beginning)} creates on ${engine}`,
    'Run such a statement yourself, or write it in a form that docs/deploy.md lists',
  )
}
