import { MartletError } from '@martlet/warehouse'
import { profileSchema, type ReferenceProfile } from './reference-profile.ts'

/** A profile as JSON text, to ship with a model. The same profile gives the same bytes. */
export function profileToJson(profile: ReferenceProfile): string {
  return `${JSON.stringify(profile)}\n`
}

/**
 * Reads {@link profileToJson}'s text.
 *
 * @throws MartletError PROFILE_INVALID when the text is not a profile of this version, or its bins are missing
 */
export function profileFromJson(json: string): ReferenceProfile {
  let parsed: unknown
  try {
    parsed = JSON.parse(json)
  } catch (cause) {
    throw invalid('it is not JSON', cause)
  }
  if (!isProfile(parsed)) throw invalid(`its schema is not ${profileSchema}, or it has no columns`)
  if (!(parsed.rows > 0)) throw invalid('its reference has no rows')
  for (const column of parsed.columns) {
    const complete =
      column.kind !== 'number' ||
      (Array.isArray(column.counts) &&
        column.counts.length === column.edges.length + 1 &&
        column.sums.length === column.counts.length)
    if (!complete) throw invalid(`the bins of column ${column.name} are missing or do not fit its edges`)
  }
  return parsed
}

function isProfile(value: unknown): value is ReferenceProfile {
  return (
    typeof value === 'object' &&
    value !== null &&
    'schema' in value &&
    value.schema === profileSchema &&
    'columns' in value &&
    Array.isArray(value.columns) &&
    'rows' in value &&
    typeof value.rows === 'number'
  )
}

function invalid(why: string, cause?: unknown): MartletError {
  return new MartletError(
    'PROFILE_INVALID',
    `The reference profile cannot be read: ${why}. Profile the reference again.`,
    cause === undefined ? {} : { cause },
  )
}
