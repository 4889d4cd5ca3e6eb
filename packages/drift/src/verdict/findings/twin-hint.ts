import { quoted, quotedByCodePoints } from '../shown-value.ts'

/** Longer texts are not compared: only short ones are easily mistaken for each other. */
const LONGEST = 1000

/** A sentence about the first new value that is easily mistaken for a known one; null when there is none. */
export function twinHint(known: readonly string[], unseen: readonly string[]): string | null {
  const comparable = (value: string): boolean => value.length <= LONGEST
  const alike = new Map(known.filter(comparable).map((value) => [folded(value), value]))
  for (const value of unseen.filter(comparable)) {
    const twin = alike.get(folded(value))
    if (twin === undefined) continue
    const plain = value.trim().toLowerCase() === twin.trim().toLowerCase()
    if (plain) return `${quoted(value)} differs from the known ${quoted(twin)} in case or spaces only.`
    return `${quotedByCodePoints(value)} looks like the known ${quotedByCodePoints(twin)}, written with other code points.`
  }
  return null
}

/** The text with composed letters, without invisible characters, without spaces around it. */
function composed(value: string): string {
  return value
    .normalize('NFKC')
    .replaceAll(/\p{Cf}/gu, '')
    .trim()
}

function folded(value: string): string {
  return composed(value).toLowerCase()
}
