import type { WindowReference } from '../evidence.ts'
import type { Finding } from '../result.ts'
import { grouped } from '../wording.ts'

/** Seasons are named up to this many. */
const MOST_NAMED = 5

/** A reference without rows, and rows of seasons that it has none of, which nothing can be compared with. */
export function unseenSeasons(reference: WindowReference | undefined, rows: number): readonly Finding[] {
  if (reference === undefined) return []
  const { unseen, words, profile } = reference
  const finding = (kind: 'season' | 'reference', sentence: string, left: number): Finding => ({
    kind,
    column: null,
    severity: 'info',
    sentence,
    reference: 0,
    current: left,
    q: null,
  })
  if (unseen.length === 0) {
    if (profile.rows > 0) return []
    return [finding('reference', `There are no rows to compare with: ${words}.`, rows)]
  }
  const left = unseen.reduce((sum, season) => sum + season.rows, 0)
  const named = unseen.slice(0, MOST_NAMED).map((season) => season.words)
  const more = unseen.length > named.length ? ` and ${grouped(unseen.length - named.length)} more` : ''
  const share = `${grouped(left)} of ${grouped(left + rows)} rows`
  const sentence = `The reference has no rows of ${named.join('; ')}${more}: ${share} are not compared.`
  return [finding('season', sentence, left)]
}
