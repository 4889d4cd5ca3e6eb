import { shown } from '../../desk/shown.ts'
import type { Exchange } from '../../http/exchange.ts'
import { invalid } from './mlflow-error.ts'

/** Characters of one parameter. Filters may be long, and a path names a model. */
const LONGEST = 4000

/**
 * A parameter of the query; undefined when it is absent or empty, which are the same for MLflow.
 *
 * @throws Problem 400 when it is too long or given twice
 */
export function optionalText({ call }: Exchange, name: string): string | undefined {
  const [text, ...more] = call.query()[name] ?? []
  if (more.length > 0) throw invalid(name, 'is given twice')
  if (text === undefined || text === '') return undefined
  if (text.length > LONGEST) throw invalid(name, `has ${text.length} characters, more than ${LONGEST}`)
  return text
}

/** @throws Problem 400 when it is absent, too long or given twice */
export function text(exchange: Exchange, name: string): string {
  const given = optionalText(exchange, name)
  if (given === undefined) throw invalid(name, 'is required')
  return given
}

/** @throws Problem 400 when it is no version number */
export function versionNumber(given: string, name = 'version'): number {
  if (/^[1-9]\d{0,8}$/.test(given)) return Number(given)
  throw invalid(name, `must be a version number such as 3, not ${shown(given)}`)
}
