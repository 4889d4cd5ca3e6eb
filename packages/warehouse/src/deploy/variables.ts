import { createHash } from 'node:crypto'
import { MartletError } from '../errors.ts'
import { deployError, type Place } from './deploy-error.ts'

/** A variable of the SQL files. Its values are names, numbers or whole literals, never pieces of SQL. */
export type DeployVariable =
  | ({ readonly default: string; readonly about: string } & (
      | { readonly kind: 'identifier' | 'cron' | 'path' }
      | { readonly kind: 'integer'; readonly least: number; readonly most: number }
      | { readonly kind: 'choice'; readonly of: readonly string[] }
    ))
  /** It has no default. Statements get a key derived from it, 64 hex digits as a literal; messages repeat neither. */
  | { readonly kind: 'secret'; readonly about: string }

export type DeployVariables = Readonly<Record<string, DeployVariable>>

const CRON_FIELD = String.raw`[\d*,/LA-Z#-]+`
const CRON = new RegExp(String.raw`^${CRON_FIELD}(?: ${CRON_FIELD}){4} [A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*$`)

/** How many characters a secret has at least, and how many different ones. */
const SECRET_LENGTH = 32
const DIFFERENT = 8

type Given = Readonly<Record<string, string>>

export interface VariableValues {
  /** The values of all variables except secrets. */
  readonly open: ReadonlyMap<string, string>
  /** Keys derived from the secrets given, by name. */
  readonly secret: ReadonlyMap<string, string>
}

/**
 * The values of variables: those given, otherwise their defaults.
 * @throws MartletError DEPLOY_VARIABLE when a name is unknown or a value is not valid
 */
export function variableValues(variables: DeployVariables, given: Given, secrets: Given = {}): VariableValues {
  for (const name of [...Object.keys(given), ...Object.keys(secrets)]) {
    if (Object.hasOwn(variables, name)) continue
    const known = Object.keys(variables)
    const which = known.length === 0 ? 'They have none' : `They have ${known.join(', ')}`
    throw new MartletError(
      'DEPLOY_VARIABLE',
      `There is no variable ${JSON.stringify(name)} in these SQL files. ${which}.`,
      { data: { name } },
    )
  }
  const open = new Map<string, string>()
  const secret = new Map<string, string>()
  for (const [name, variable] of Object.entries(variables)) {
    const isSecret = variable.kind === 'secret'
    if (Object.hasOwn(isSecret ? given : secrets, name)) {
      const what = isSecret
        ? `is a secret: pass it with --secret ${name}=NAME_OF_VARIABLE, or in \`secrets\`, so that it is not shown`
        : 'is not a secret: pass it with --set, or in `set`'
      throw new MartletError('DEPLOY_VARIABLE', `The variable ${name} ${what}.`, { data: { name } })
    }
    const value = secrets[name]
    if (!isSecret) open.set(name, checked(name, variable, given[name] ?? variable.default))
    else if (value !== undefined) secret.set(name, derivedKey(name, value))
  }
  return { open, secret }
}

/** 64 hex digits, whatever the characters of the secret: a whole literal, and one block of SHA-256. */
function derivedKey(name: string, secret: string): string {
  if (secret.length < SECRET_LENGTH || new Set(secret).size < DIFFERENT) {
    const needed =
      `it must have at least ${SECRET_LENGTH} characters, ${DIFFERENT} of them different. ` +
      'Generate one with `openssl rand -hex 32`, and keep it'
    throw new MartletError('DEPLOY_VARIABLE', `The secret ${name} is too easy to guess: ${needed}.`, { data: { name } })
  }
  return createHash('sha256').update(`martlet ${name}\0${secret}`).digest('hex')
}

type OpenVariable = Exclude<DeployVariable, { readonly kind: 'secret' }>

function checked(name: string, variable: OpenVariable, value: string): string {
  const wanted = demand(variable, value)
  if (wanted === undefined)
    return variable.kind === 'identifier' || variable.kind === 'choice' ? value.toUpperCase() : value
  throw new MartletError(
    'DEPLOY_VARIABLE',
    `The variable ${name} cannot be ${JSON.stringify(value)}: it must be ${wanted}.`,
    { data: { name } },
  )
}

function demand(variable: OpenVariable, value: string): string | undefined {
  switch (variable.kind) {
    case 'identifier':
      return /^[A-Za-z_][A-Za-z0-9_]{0,199}$/.test(value)
        ? undefined
        : 'a name of letters, digits and _ that does not begin with a digit'
    case 'integer': {
      const fits = /^\d{1,15}$/.test(value) && Number(value) >= variable.least && Number(value) <= variable.most
      return fits ? undefined : `a whole number from ${variable.least} to ${variable.most}`
    }
    case 'choice':
      return variable.of.includes(value.toUpperCase()) ? undefined : `one of ${variable.of.join(', ')}`
    case 'cron':
      return CRON.test(value) ? undefined : 'five cron fields and a time zone, such as 15 * * * * UTC'
    case 'path':
      break
  }
  return /^\/?[A-Za-z0-9_][A-Za-z0-9_.-]*(?:\/[A-Za-z0-9_][A-Za-z0-9_.-]*)*(?::[A-Za-z0-9_.-]+)?$/.test(value)
    ? undefined
    : 'a path of names separated by /, with an optional tag after :'
}

type Substitute = (text: string, where: Place, kind: 'word' | 'string') => string

/**
 * Replaces variables in a file by their values; inside strings only names and numbers are allowed.
 * Secrets come last, by `withSecrets`.
 */
export function substituter(variables: DeployVariables, { open, secret }: VariableValues): Substitute {
  return (text, where, kind) =>
    text.replaceAll(/<%\s*(\w+)\s*%>/g, (whole, name: string) => {
      const [variable, value] = [Object.hasOwn(variables, name) ? variables[name] : undefined, open.get(name)]
      const alone = whole === text
      if (variable?.kind === 'secret') {
        if (!secret.has(name)) {
          const advice = `Name the environment variable that holds it: --secret ${name}=NAME_OF_VARIABLE`
          throw deployError('DEPLOY_VARIABLE', where, `the secret ${name} is needed, but was not given`, advice)
        }
        if (alone && kind === 'word') return placeholder(name)
        throw deployError(
          'DEPLOY_VARIABLE',
          where,
          `${whole} is a secret and must be alone`,
          'Write it without anything around it',
        )
      }
      if (variable === undefined || value === undefined)
        throw deployError('DEPLOY_VARIABLE', where, `${whole} is not a variable`, 'Add it to variables.json')
      if (variable.kind === 'identifier' || variable.kind === 'choice') return value
      if (variable.kind === 'integer') {
        if (kind === 'string' || alone) return value
      } else if (alone && kind === 'word') return variable.kind === 'cron' ? `'USING CRON ${value}'` : `'${value}'`
      throw deployError(
        'DEPLOY_VARIABLE',
        where,
        `${whole} is a ${variable.kind} and must be alone`,
        'Write it without anything around it',
      )
    })
}

/** Replaces a secret everywhere except in the statement that is sent: no file can contain this literal, since `<%` begins a variable. */
function placeholder(name: string): string {
  return `'<% ${name} %>'`
}

/** A statement as it is sent. */
export function withSecrets(sql: string, secrets: ReadonlyMap<string, string>): string {
  return [...secrets].reduce((text, [name, key]) => text.replaceAll(placeholder(name), `'${key}'`), sql)
}

/** A text about a statement, without its secrets. */
export function withoutSecrets(text: string, secrets: ReadonlyMap<string, string>): string {
  return [...secrets].reduce((hidden, [name, key]) => hidden.replaceAll(key, `<% ${name} %>`), text)
}
