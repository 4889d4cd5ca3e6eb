import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ColumnSpec } from '../column.ts'
import { MartletError } from '../errors.ts'
import type { Engine } from '../engine.ts'
import { deployError } from './deploy-error.ts'
import { fileColumns } from './file-columns.ts'
import { keyOf, objectOf, type Statement, type StatementObject } from './object-of.ts'
import { foldTokens, isSymbol, printTokens, tokenize, type Token } from './tokens.ts'
import { substituter, variableValues, withoutSecrets, withSecrets, type DeployVariables } from './variables.ts'
import { sql, type Sql } from '../sql.ts'

/** One object that the files define, with the statement that creates it. */
export interface DeployObject extends StatementObject {
  /** Kind and name, which identify the object. */
  readonly key: string
  readonly file: string
  readonly line: number
  /** The statement, with the names of secrets instead of their values. */
  readonly sql: string
  /** The statement as it is sent, with its secrets. */
  readonly statement: Sql
  /** A text about the statement, such as an error message, without its secrets. */
  hide(text: string): string
  /** Hash of the statement with its secrets, without comments and white space. */
  readonly hash: string
  /** The columns of a table, as the file defines them. */
  readonly columns?: readonly ColumnSpec[]
}

/** The objects of a folder of SQL files, in the order in which they are created. */
export interface Deployment {
  readonly engine: Engine
  readonly folder: string
  readonly objects: readonly DeployObject[]
  /** The values of variables, without secrets. */
  readonly values: ReadonlyMap<string, string>
}

export interface ReadDeploymentOptions {
  readonly engine: Engine
  /** Its files and folders are read in the order of their names; `variables.json` says which variables there are. */
  readonly folder: string
  /** Values of variables by name. */
  readonly set?: Readonly<Record<string, string>>
  /** Secrets by the name of their variable; needed when a file that is read uses that variable. */
  readonly secrets?: Readonly<Record<string, string>>
  /** Values instead of the files' own defaults; names that are not variables of the files are ignored. */
  readonly defaults?: Readonly<Record<string, string>>
  /** Folders inside it to leave out. */
  readonly without?: readonly string[]
}

/**
 * Reads a folder of SQL files and what each statement creates or sets; nothing is run.
 * @throws MartletError DEPLOY_FOLDER when the folder cannot be read or has no SQL files
 * @throws MartletError DEPLOY_VARIABLE when a variable is unknown, missing or not valid
 * @throws MartletError DEPLOY_UNREADABLE when a file cannot be read as SQL, naming file and line
 * @throws MartletError DEPLOY_UNKNOWN_STATEMENT when deploy does not know a statement
 * @throws MartletError DEPLOY_NOT_IDEMPOTENT when a statement could not run a second time
 * @throws MartletError DEPLOY_TWICE when an object is defined in two different ways
 */
export async function readDeployment(options: ReadDeploymentOptions): Promise<Deployment> {
  const { engine, folder, set = {}, secrets = {}, defaults = {}, without = [] } = options
  const variables = await readVariables(folder)
  const known = Object.fromEntries(Object.entries(defaults).filter(([name]) => Object.hasOwn(variables, name)))
  const values = variableValues(variables, { ...known, ...set }, secrets)
  const substitute = substituter(variables, values)
  const files = await filesOf(folder, without)
  if (files.length === 0)
    throw new MartletError('DEPLOY_FOLDER', `There are no .sql files in ${folder}. Name a folder that has some.`, {
      data: { folder },
    })
  const objects = new Map<string, DeployObject>()
  for (const file of files) {
    for (const statement of statementsOf(
      file,
      tokenize(await readFile(join(folder, file), 'utf8'), file, substitute),
    )) {
      const object = deployObject(statement, engine, values.secret)
      const other = objects.get(object.key)
      if (other === undefined) objects.set(object.key, object)
      else if (other.hash !== object.hash)
        throw deployError(
          'DEPLOY_TWICE',
          statement,
          `${object.key} is defined differently in ${other.file}, line ${other.line}`,
          'Define it once',
        )
    }
  }
  return { engine, folder, objects: [...objects.values()], values: values.open }
}

function deployObject(statement: Statement, engine: Engine, secrets: ReadonlyMap<string, string>): DeployObject {
  const object = objectOf(statement, engine)
  const text = printTokens(statement.tokens)
  const hash = createHash('sha256')
    .update(withSecrets(foldTokens(statement.tokens), secrets))
    .digest('hex')
  const { file, line } = statement
  const run = {
    sql: text,
    statement: sql.raw(withSecrets(text, secrets)),
    hide: (said: string) => withoutSecrets(said, secrets),
  }
  const columns = object.kind === 'TABLE' ? { columns: fileColumns(statement, engine) } : {}
  return { ...object, ...run, key: keyOf(object), file, line, hash, ...columns }
}

function statementsOf(file: string, tokens: readonly Token[]): readonly Statement[] {
  const statements: Statement[] = []
  let current: Token[] = []
  for (const token of tokens) {
    if (!isSymbol(token, ';')) current.push(token)
    else if (current.length > 0) {
      statements.push({ file, line: current[0]?.line ?? 1, tokens: current })
      current = []
    }
  }
  if (current.length > 0)
    throw deployError(
      'DEPLOY_UNREADABLE',
      { file, line: current[0]?.line ?? 1 },
      'the statement does not end with a semicolon',
      'Add it',
    )
  return statements
}

async function filesOf(folder: string, without: readonly string[]): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new MartletError('DEPLOY_FOLDER', `The folder ${folder} of SQL files cannot be read. Name one that exists.`, {
      data: { folder },
      cause,
    })
  })
  const unknown = without.find((name) => !entries.some((entry) => entry.isDirectory() && entry.name === name))
  if (unknown !== undefined)
    throw new MartletError(
      'DEPLOY_FOLDER',
      `There is no folder ${unknown} in ${folder} to leave out. Check the name.`,
      {
        data: { folder, without: unknown },
      },
    )
  const files: string[] = []
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.isDirectory() && !without.includes(entry.name))
      files.push(...(await filesOf(join(folder, entry.name), [])).map((name) => `${entry.name}/${name}`))
    else if (entry.isFile() && entry.name.endsWith('.sql')) files.push(entry.name)
  }
  return files
}

async function readVariables(folder: string): Promise<DeployVariables> {
  const file = join(folder, 'variables.json')
  const refuse = (why: string, cause?: unknown): never => {
    throw new MartletError('DEPLOY_VARIABLE', `${file} cannot be used: ${why}.`, { data: { file }, cause })
  }
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    return refuse(cause instanceof Error ? cause.message : String(cause), cause)
  })
  if (text === undefined) return {}
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (cause) {
    refuse('it is not valid JSON', cause)
  }
  const wanted =
    'it must give each variable a kind (identifier, integer with least and most, choice with of, cron, path, secret), ' +
    'a default (a secret has none) and an about'
  return isVariables(parsed) ? parsed : refuse(wanted)
}

function isVariables(value: unknown): value is DeployVariables {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.values(value).every((one: unknown) => {
    if (typeof one !== 'object' || one === null || !('kind' in one) || !('about' in one)) return false
    if (one.kind === 'secret') return !('default' in one)
    if (!('default' in one) || typeof one.default !== 'string') return false
    if (one.kind === 'integer')
      return 'least' in one && typeof one.least === 'number' && 'most' in one && typeof one.most === 'number'
    if (one.kind === 'choice') return 'of' in one && Array.isArray(one.of)
    return one.kind === 'identifier' || one.kind === 'cron' || one.kind === 'path'
  })
}
