import process from 'node:process'
import { MartletError } from '@martlet/warehouse'

/** What may be the name of an environment variable. A URL, a PEM text or a token with dots is none. */
export const variableName: RegExp = /^[A-Za-z_]\w*$/

export interface EnvironmentValue {
  /** The name, as the configuration or the command line gives it. */
  readonly variable: string
  /** Where it is given, such as `online.redis.urlFrom in martlet.config.ts`. */
  readonly key: string
  /** What the variable should hold. */
  readonly what: string
  /** The code of the error when there is none. */
  readonly code: string
}

/**
 * Reads a value from the environment variable that a configuration names. Messages show the name only if it looks like one: a secret
 * that was written where the name of its variable belongs is not repeated.
 */
export function fromEnvironment({ variable, key, what, code }: EnvironmentValue): string {
  if (!variableName.test(variable)) {
    const message =
      `${key} must be the name of an environment variable, and holds something else, which is not repeated here: it may be a secret. ` +
      `Write the name of a variable there, and set that variable to ${what}.`
    throw new MartletError(code, message, { data: { key } })
  }
  const value = process.env[variable]
  if (value !== undefined && value !== '') return value
  const shown = shownVariable(variable)
  const which =
    shown === undefined
      ? `The environment variable that ${key} names`
      : `The environment variable ${shown}, which ${key} names,`
  throw new MartletError(code, `${which} is not set. Set it to ${what}.`, {
    data: { key, ...(shown === undefined ? {} : { variable: shown }) },
  })
}

/** The name of a variable for messages, or undefined when it may be something else: names are in capitals, passwords seldom. */
export function shownVariable(variable: string): string | undefined {
  return /^[A-Z_][A-Z0-9_]{0,79}$/.test(variable) ? variable : undefined
}
