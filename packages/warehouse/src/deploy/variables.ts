import { MartletError } from '../errors.ts'
import { deployError, type Place } from './deploy-error.ts'

/** What may stand for a variable of the SQL files. Values are names, numbers or whole literals, never pieces of SQL. */
export type DeployVariable = { readonly default: string; readonly about: string } & (
  | { readonly kind: 'identifier' | 'cron' | 'path' }
  | { readonly kind: 'integer'; readonly least: number; readonly most: number }
  | { readonly kind: 'choice'; readonly of: readonly string[] }
)

export type DeployVariables = Readonly<Record<string, DeployVariable>>

const CRON_FIELD = String.raw`[\d*,/LA-Z#-]+`
const CRON = new RegExp(String.raw`^${CRON_FIELD}(?: ${CRON_FIELD}){4} [A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*$`)

/** The values of all variables, checked: those given, else their defaults. Errors: `DEPLOY_VARIABLE`. */
export function variableValues(variables: DeployVariables, given: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(variables, name)) continue
    const known = Object.keys(variables)
    throw new MartletError('DEPLOY_VARIABLE', `There is no variable ${JSON.stringify(name)} in these SQL files; ${known.length === 0 ? 'they have none' : `they have ${known.join(', ')}`}.`, { data: { name } })
  }
  return new Map(Object.entries(variables).map(([name, variable]) => [name, checked(name, variable, given[name] ?? variable.default)]))
}

function checked(name: string, variable: DeployVariable, value: string): string {
  const wanted = demand(variable, value)
  if (wanted === undefined) return variable.kind === 'identifier' || variable.kind === 'choice' ? value.toUpperCase() : value
  throw new MartletError('DEPLOY_VARIABLE', `The variable ${name} cannot be ${JSON.stringify(value)}: it must be ${wanted}.`, { data: { name } })
}

function demand(variable: DeployVariable, value: string): string | undefined {
  switch (variable.kind) {
    case 'identifier':
      return /^[A-Za-z_][A-Za-z0-9_]{0,199}$/.test(value) ? undefined : 'a name of letters, digits and _ that begins with no digit'
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
  return /^\/?[A-Za-z0-9_][A-Za-z0-9_.-]*(?:\/[A-Za-z0-9_][A-Za-z0-9_.-]*)*(?::[A-Za-z0-9_.-]+)?$/.test(value) ? undefined : 'a path of names with / between them, and a tag after : if any'
}

/** Puts values where a file names variables; inside of strings only names and numbers may stand. */
export function substituter(variables: DeployVariables, values: ReadonlyMap<string, string>): (text: string, where: Place, kind: 'word' | 'string') => string {
  return (text, where, kind) =>
    text.replaceAll(/<%\s*(\w+)\s*%>/g, (whole, name: string) => {
      const [variable, value] = [Object.hasOwn(variables, name) ? variables[name] : undefined, values.get(name)]
      if (variable === undefined || value === undefined) throw deployError('DEPLOY_VARIABLE', where, `${whole} names no variable`, 'Add it to variables.json')
      const alone = whole === text
      if (variable.kind === 'identifier' || variable.kind === 'choice') return value
      if (variable.kind === 'integer') {
        if (kind === 'string' || alone) return value
      } else if (alone && kind === 'word') return variable.kind === 'cron' ? `'USING CRON ${value}'` : `'${value}'`
      throw deployError('DEPLOY_VARIABLE', where, `${whole} is a ${variable.kind} and must stand for itself`, 'Write it without anything around it')
    })
}
