import type { ColumnSpec } from '@martlet/warehouse'
import { columnNamed, namedAlike } from '../../count/spelling.ts'
import type { ColumnProfile } from '../../profile/reference-profile.ts'
import type { Finding } from '../result.ts'

/** Why a column of the profile cannot be compared with the relation's columns; null when it can. */
export function columnObstacle(profile: ColumnProfile, columns: readonly ColumnSpec[]): string | null {
  const column = columns.find(({ name }) => name === profile.name)
  if (column === undefined) return 'missing'
  const now = family(column.type)
  const then = family(profile.type)
  return now === then ? null : `${then} in the reference, ${now} now`
}

/** Columns that are missing or of another type, and columns that are new. */
export function schemaChanges(
  profiles: readonly ColumnProfile[],
  columns: readonly ColumnSpec[],
  ignored: readonly string[],
): readonly Finding[] {
  const known = new Set(profiles.map(({ name }) => name))
  const broken = profiles.flatMap((profile): readonly Finding[] => {
    const obstacle = columnObstacle(profile, columns)
    if (obstacle === null) return []
    const missing = `Column ${profile.name} is missing.${alike(profile.name, columns)}`
    if (obstacle === 'missing') return [finding('missingColumn', profile.name, 'crit', missing)]
    return [finding('typeChange', profile.name, 'crit', `Column ${profile.name} changed its type: ${obstacle}.`)]
  })
  const other = ignored.map((name) => ({ name }))
  const extra = columns
    .filter(({ name }) => !known.has(name) && columnNamed(other, name) === undefined)
    .map(({ name }) => finding('extraColumn', name, 'info', `Column ${name} is not in the reference.`))
  return [...broken, ...extra]
}

/** Why none of the columns with a similar name was used. */
function alike(name: string, columns: readonly ColumnSpec[]): string {
  const names = namedAlike(columns, name).map((column) => column.name)
  return names.length === 0
    ? ''
    : ` ${names.join(' and ')} differ from it in case only, so it is not clear which is meant.`
}

function finding(kind: Finding['kind'], column: string, severity: Finding['severity'], sentence: string): Finding {
  return { kind, column, severity, sentence, reference: null, current: null, q: null }
}

/** What a type is counted as. */
function family(type: ColumnSpec['type']): string {
  switch (type) {
    case 'integer':
    case 'bigint':
    case 'double':
      return 'number'
    case 'date':
    case 'timestamp':
      return 'time'
    case 'boolean':
      return 'boolean'
    case 'text':
      return 'text'
    default:
      return 'number'
  }
}
