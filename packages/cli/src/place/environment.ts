import process from 'node:process'
import { MartletError } from '@martlet/warehouse'
import { z } from 'zod'

/** What may be the name of an environment variable: not a URL, a PEM text or a token with dots. */
const NAME = /^[A-Za-z_]\w*$/

/** The name of an environment variable, in a configuration. */
export const variable: z.ZodString = z.string().regex(NAME, 'must be the name of an environment variable')

export interface EnvironmentValue {
  /** The name, as the configuration or the command line gives it. */
  readonly variable: string
  /** Where it is given, such as `online.redis.urlFrom in martlet.config.ts`. */
  readonly key: string
  /** What the variable should hold. */
  readonly what: string
  /** The code of the error when there is none. */
  readonly code:
    | 'ALERT_SECRET_MISSING'
    | 'ALERT_URL_MISSING'
    | 'DEPLOY_VARIABLE'
    | 'KAFKA_SECRET_MISSING'
    | 'ONLINE_URL_MISSING'
    | 'WAREHOUSE_SECRET_MISSING'
}

/**
 * Reads a value from the environment variable that a configuration names. Messages show the name only if it looks like
 * one: a secret that was written where the name of its variable belongs is not repeated.
 * @throws MartletError with the code given when the variable is not set, or its name is something else
 */
export function fromEnvironment({ variable: given, key, what, code }: EnvironmentValue): string {
  if (!NAME.test(given)) {
    const message =
      `${key} must be the name of an environment variable. It holds something else, which is not repeated here: it may be a secret. ` +
      `Write the name of a variable there, and set that variable to ${what}.`
    throw new MartletError(code, message, { data: { key } })
  }
  const value = process.env[given]
  if (value !== undefined && value !== '') return value
  const shown = shownVariable(given)
  const which =
    shown === undefined
      ? `The environment variable that ${key} names`
      : `The environment variable ${shown}, which ${key} names,`
  throw new MartletError(code, `${which} is not set. Set it to ${what}.`, {
    data: { key, ...(shown === undefined ? {} : { variable: shown }) },
  })
}

/** The name of a variable for messages; undefined when it may be something else. Names are in capitals, passwords rarely. */
export function shownVariable(name: string): string | undefined {
  return /^[A-Z_][A-Z0-9_]{0,79}$/.test(name) ? name : undefined
}
