import { nearestName } from '@martlet/warehouse'
import { Problem } from './problem.ts'
import { shown } from './shown.ts'

/** The code of a name that does not exist. */
export const unknownCodes = {
  service: 'SERVICE_UNKNOWN',
  view: 'VIEW_UNKNOWN',
  model: 'MODEL_UNKNOWN',
  alias: 'ALIAS_UNKNOWN',
  source: 'SOURCE_UNKNOWN',
  monitor: 'MONITOR_UNKNOWN',
} as const

/** The 404 problem for a name that does not exist; suggests the one of `known` that was probably meant. */
export function notFound(kind: keyof typeof unknownCodes, name: string, known: Iterable<string>): Problem {
  const suggestion = nearestName(name, known)
  const hint = suggestion === undefined ? '' : ` Did you mean ${suggestion}?`
  return new Problem(404, unknownCodes[kind], `There is no ${kind} ${shown(name)}.${hint}`, {
    path: kind,
    ...(suggestion === undefined ? {} : { suggestion }),
  })
}
