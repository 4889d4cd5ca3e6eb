import { nearestName } from '@martlet/warehouse'
import { Problem } from '../desk/problem.ts'

/**
 * Refuses fields that do not exist: a misspelt one must not be ignored.
 *
 * @throws Problem `FIELD_UNKNOWN` (400)
 */
export function refuseUnknown(given: Readonly<Record<string, unknown>>, known: readonly string[]): void {
  for (const name in given) {
    if (known.includes(name)) continue
    const path = name.slice(0, 60)
    const suggestion = nearestName(name, known)
    const detail = `${JSON.stringify(path)} is not known here. The known names are ${known.join(', ')}.`
    throw new Problem(400, 'FIELD_UNKNOWN', detail, {
      path,
      ...(suggestion === undefined ? {} : { suggestion }),
    })
  }
}
