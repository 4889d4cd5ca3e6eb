import type { GroupEffect, RowEffects, WindowEffect } from '../profile/group-effects.ts'
import type { DependenceProfile } from '../profile/reference-profile.ts'
import { INDEPENDENT, type Dependence, type RowWorth } from './dependence.ts'

/** Fewer groups than this in a window do not show by themselves how alike their rows are. */
const ENOUGH_GROUPS = 10
/** By how much windows may differ in length. */
const ABOUT_AS_LONG = 0.15

/** What is known of how alike the rows of a column are, in the reference and in one window. */
export interface LikeRows {
  readonly profile: DependenceProfile
  /** The column's effects in the reference. */
  readonly effects: RowEffects
  readonly referenceRows: number
  /** Rows of the part of the reference that the window is compared with. @default referenceRows */
  readonly comparedRows?: number
  readonly rows: number
  /** The length of the window in seconds; null when it is not known. */
  readonly seconds: number | null
  /** How many stretches of each of the profile's lengths have rows in the window. @default as many as fit into it */
  readonly stretches?: readonly number[]
  /** The effect of the weights of the window's rows; undefined where all are the same. */
  readonly weights?: GroupEffect | undefined
  /** The effect of entities in the window; undefined when all of its rows are of different ones, null when it has no such columns. */
  readonly entity: GroupEffect | null | undefined
}

/**
 * What the rows of both sides are worth. Rows of an entity are alike by as much as they are in their own sample. What a stretch of
 * time has in common is seen between stretches of the reference, because a window is only one of them: between its own windows,
 * where it has several as long as the one compared.
 */
export function rowWorth(like: LikeRows): Dependence {
  const { entity, time = [] } = like.effects
  const windows = likeWindows(like)
  const longest = time.at(-1)
  const part = (like.comparedRows ?? like.referenceRows) / like.referenceRows
  const lasting = windows === undefined || (longest?.shares ?? 0) > windows.shares ? longest : windows
  return {
    reference: worthOf([like.effects.weights, scaled(entity, part), lasting]),
    current: worthOf([
      like.weights,
      entityNow(like),
      windows === undefined ? timeNow(like) : scaled(windows, like.rows / windows.rows),
    ]),
    ...(windows === undefined ? {} : { degrees: Math.max(1, windows.groups - 1) }),
  }
}

/** What rows are worth on both sides when nothing but the weights of each makes them worth less. */
export function unevenWorth(weights: GroupEffect | undefined): Dependence {
  return weights === undefined ? INDEPENDENT : { reference: worthOf([weights]), current: worthOf([weights]) }
}

/** What the reference's own windows show, if they are about as long as the one compared: clocks change by an hour, months by days. */
function likeWindows({ effects: { windows }, seconds }: LikeRows): WindowEffect | undefined {
  if (windows === undefined || windows.rows === 0 || seconds === null) return undefined
  return Math.abs(seconds / windows.seconds - 1) <= ABOUT_AS_LONG ? windows : undefined
}

/** An effect after it was carried over to another number of rows in a group. */
function scaled(effect: GroupEffect | undefined, factor: number): GroupEffect | undefined {
  if (effect === undefined) return undefined
  const { shares, spread, cumulative, nulls, nonFinite, groups } = effect
  return {
    shares: shares * factor,
    spread: spread * factor,
    cumulative: cumulative * factor,
    nulls: nulls * factor,
    nonFinite: nonFinite * factor,
    groups,
  }
}

function entityNow({ effects, entity, rows, referenceRows }: LikeRows): GroupEffect | undefined {
  if (entity === undefined) return undefined
  const reference = effects.entity
  if (entity === null) return scaled(reference, rows / referenceRows)
  if (entity.groups >= ENOUGH_GROUPS || reference === undefined) return entity
  const pairs = Math.max(0, rows / Math.max(1, entity.groups) - 1)
  const before = Math.max(1, referenceRows / reference.groups - 1)
  const expected = scaled(reference, pairs / before)
  return expected !== undefined && expected.shares > entity.shares ? expected : entity
}

/**
 * Of data that has rows at midnight only, an hour is a day: the stretches that have rows are counted. A window that begins in the
 * middle of a stretch touches one more than it has in length.
 */
function timeNow({ profile, effects, rows, referenceRows, seconds, stretches }: LikeRows): GroupEffect | undefined {
  const lengths = profile.time?.seconds ?? []
  if (seconds === null || lengths.length === 0) return undefined
  const level = Math.max(
    0,
    lengths.findLastIndex((length) => length <= seconds),
  )
  const effect = effects.time?.[level]
  if (effect === undefined) return undefined
  const fitting = seconds / (lengths[level] ?? seconds)
  const found = Math.max(1, Math.min(fitting, stretches?.[level] ?? fitting))
  return scaled(effect, rows / found / (referenceRows / effect.groups))
}

/** The effects of entity and time add up: each is what its groups have in common beyond chance. */
function worthOf(effects: readonly (GroupEffect | undefined)[]): RowWorth {
  const present = effects.filter((effect) => effect !== undefined)
  const sum = (of: 'shares' | 'spread' | 'cumulative' | 'nulls' | 'nonFinite'): number =>
    present.reduce((all, effect) => all + effect[of], 0)
  const shares = 1 + sum('shares')
  const largest = (effect: GroupEffect): number =>
    Math.max(effect.shares, effect.cumulative, effect.nulls, effect.nonFinite)
  if (present.every((effect) => largest(effect) === 0)) return INDEPENDENT.current
  const unknown = present.reduce((all, effect) => {
    const part = largest(effect) / (1 + present.reduce((total, other) => total + largest(other), 0))
    return all + part ** 2 / Math.max(1, effect.groups - 1)
  }, 0)
  return {
    shares,
    uneven: Math.max(1, (1 + 2 * (shares - 1) + sum('spread') ** 2) / shares ** 2),
    cumulative: 1 + sum('cumulative'),
    nulls: 1 + sum('nulls'),
    nonFinite: 1 + sum('nonFinite'),
    degrees: unknown === 0 ? Infinity : 1 / unknown,
  }
}
