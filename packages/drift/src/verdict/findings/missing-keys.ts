import type { WindowEvidence } from '../evidence.ts'
import type { Finding } from '../result.ts'

/** Columns that were named as those of an entity and are not there: how alike its rows are is not known then. */
export function missingKeys({ missingKeys: missing = [] }: Pick<WindowEvidence, 'missingKeys'>): readonly Finding[] {
  return missing.map((name) => ({
    kind: 'missingColumn',
    column: name,
    severity: 'warn',
    sentence: `Column ${name}, which should say which entity a row is about, is missing: each row counts as independent.`,
    reference: null,
    current: null,
    q: null,
  }))
}
