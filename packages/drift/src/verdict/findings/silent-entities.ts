import { FEWEST_WINDOWS } from '../../reference/window-spread.ts'
import { exactProportions } from '../../statistics/exact-proportions.ts'
import type { Silence, SilentShare, WindowEvidence } from '../evidence.ts'
import { predictionLimit } from '../floor-of.ts'
import type { DriftPolicy } from '../policy.ts'
import type { Finding, Mute } from '../result.ts'
import { bySize } from '../severity.ts'
import { significant } from '../stable-number.ts'
import { grouped, percent } from '../wording.ts'

/** Shares that are cut off together have a tail as long as that of squares. */
const ROOT = 4
/** Two ways to be more than chance share α. */
const WAYS = 2

/** Entities that had rows in the windows just before and have none in this one, more than usual. */
export function silentEntities({ silence }: Pick<WindowEvidence, 'silence'>, policy: DriftPolicy): readonly Finding[] {
  if (silence === undefined || silence.before.length < FEWEST_WINDOWS) return []
  const { now, before } = silence
  const usual = totalOf(before)
  const [then, share] = [usual.silent / usual.entities, now.silent / now.entities]
  const severity = bySize(share - then, policy.silent)
  const q = Math.min(1, WAYS * Math.min(chanceOfMore(silence, policy), chanceOfLonger(silence)))
  if (now.silent === 0 || severity === 'none' || q >= policy.alpha) return []
  return [
    {
      kind: 'silentEntities',
      column: null,
      severity,
      sentence: sentenceOf(silence, share, then),
      reference: significant(then, 12),
      current: significant(share, 12),
      q: significant(q, 9),
    },
  ]
}

/**
 * The chance that so many of them are silent, if each is by itself; 1 where an earlier window's share, by how much the earlier
 * ones differ, may be as large: entities often fall silent together.
 */
export function chanceOfMore({ now, before }: Pick<Silence, 'now' | 'before'>, policy: DriftPolicy): number {
  const shares = before.map(({ silent, entities }) => silent / entities)
  const share = now.silent / now.entities
  if (policy.learnt !== 'never' && share <= predictionLimit(shares, policy.alpha / WAYS, ROOT)) return 1
  const usual = totalOf(before)
  const { difference, p } = exactProportions(usual.silent, usual.entities, now.silent, now.entities)
  return difference > 0 ? p : 1
}

/**
 * The chance that an entity's rows are so much longer ago at the end of a window than those of any were at the end of the earlier
 * ones, by the law that gaps have: a tail that falls as 1/length.
 */
export function chanceOfLonger({ now, before }: Pick<Silence, 'now' | 'before'>): number {
  const longest = Math.max(...before.map((one) => one.longest))
  if (now.silent === 0 || !(longest > 0)) return 1
  return now.entities / (now.entities + totalOf(before).entities * (now.shortest / longest))
}

/**
 * One cause is one finding. Fewer rows follow from entities that are silent, unless the others have as many fewer as volume
 * takes for a change: then entities are missing because everybody has fewer rows. One that is muted does
 * not hide the other.
 */
export function silenceOrVolume(
  silent: readonly Finding[],
  volume: readonly Finding[],
  policy: DriftPolicy,
  mutes: readonly Mute[],
): readonly Finding[] {
  const both = [...silent, ...volume]
  const [missing, [rows]] = [silent[0], volume]
  if (missing === undefined || rows === undefined) return both
  const isMuted = (kind: Finding['kind']): boolean => mutes.some((mute) => 'finding' in mute && mute.finding === kind)
  const factor = (rows.current ?? 0) / (rows.reference ?? 1)
  const staying = 1 - (missing.current ?? 0)
  if (factor > 1) return both
  const cause = staying / factor >= policy.volume.warn ? rows : missing
  return isMuted(cause.kind) ? both : [cause]
}

function sentenceOf({ keys, now, before, named }: Silence, share: number, then: number): string {
  const who = `${grouped(now.silent)} of ${grouped(now.entities)} entities (${keys.join(', ')})`
  const usual = `${percent(then)} in ${before.length} earlier windows`
  const some = named.map((key) => key.map((part) => JSON.stringify(part)).join(' '))
  const example = some.length === 0 ? '' : `, for example ${some.join(', ')}`
  return `${who} that had rows shortly before have none: ${percent(share)} (${usual})${example}.`
}

function totalOf(shares: readonly SilentShare[]): { readonly entities: number; readonly silent: number } {
  return {
    entities: shares.reduce((sum, { entities }) => sum + entities, 0),
    silent: shares.reduce((sum, { silent }) => sum + silent, 0),
  }
}
