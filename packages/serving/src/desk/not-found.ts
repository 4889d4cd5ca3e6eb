import { nearestName } from '@martlet/warehouse'
import { Problem } from './problem.ts'
import { shown } from './shown.ts'

/** The 404 problem for a name that does not exist; suggests the one of `known` that was probably meant. */
export function notFound(kind: 'service' | 'view' | 'model' | 'alias', name: string, known: Iterable<string>): Problem {
  const suggestion = nearestName(name, known)
  const hint = suggestion === undefined ? '' : ` Did you mean ${suggestion}?`
  return new Problem(404, `${kind.toUpperCase()}_UNKNOWN`, `There is no ${kind} ${shown(name)}.${hint}`, {
    path: kind,
    ...(suggestion === undefined ? {} : { suggestion }),
  })
}
