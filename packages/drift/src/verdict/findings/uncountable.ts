import type { ColumnSpec } from '@martlet/warehouse'
import type { ColumnEvidence } from '../evidence.ts'
import type { Finding } from '../result.ts'
import { columnObstacle } from './schema-changes.ts'

/** Columns of the right type whose values the engine failed to count. */
export function uncountable(
  columns: readonly Pick<ColumnEvidence, 'profile' | 'obstacle'>[],
  schema: readonly ColumnSpec[],
): readonly Finding[] {
  return columns.flatMap(({ profile, obstacle }): readonly Finding[] => {
    if (obstacle === null || columnObstacle(profile, schema) !== null) return []
    const sentence = `Column ${profile.name} cannot be evaluated: ${obstacle}.`
    return [
      {
        kind: 'uncountable',
        column: profile.name,
        severity: 'crit',
        sentence,
        reference: null,
        current: null,
        q: null,
      },
    ]
  })
}
