import { sql, type Warehouse } from '@martlet/warehouse'
import { finestUnit } from '../count/instant-sql.ts'
import { fromRelation, type Relation } from '../count/relation.ts'
import { codesIn } from '../count/scan-source.ts'
import type { TimeWindow } from '../count/windows.ts'
import { piecesWithCoarserForms } from '../profile/coarser-forms.ts'
import type { RowEffects, WindowEffect } from '../profile/group-effects.ts'
import { measureReference, type MeasuredRows, type ReferenceRequest } from '../profile/profile-reference.ts'
import { withGaps } from '../profile/profiled-gaps.ts'
import type { ReferenceProfile } from '../profile/reference-profile.ts'
import type { Season } from '../profile/season.ts'
import { countPieces } from './count-pieces.ts'
import { bySeason } from './pieces-by-season.ts'
import { invalid, lengthOf } from './reference-choice.ts'
import { rowSpread } from './row-spread.ts'
import { windowEffects } from './window-effects.ts'
import { windowSpread } from './window-spread.ts'

export interface ProfileRequest extends ReferenceRequest {
  /** Also counts rows by these parts of their local time, so that windows can be compared with `match`; needs `time`. */
  readonly seasons?: readonly Season[]
  /** The IANA zone by whose clock seasons are read. @default 'UTC' */
  readonly zone?: string
  /**
   * The length of the stretches, such as `7d`, that are compared with each other to learn how much a window differs when
   * nothing changed; needs `time`, and at least six of them. Take the length of the monitor's windows.
   */
  readonly parts?: string
}

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
/** A part at the end counts from this share of its length on. */
const ENOUGH_OF_A_PART = 0.8
/** Of more parts the newest are compared: each is compared with all others. */
const MOST_PARTS = 1000

/**
 * Measures a reference window inside the warehouse and returns its profile; store it with {@link storeProfile} and ship it
 * with the model.
 *
 * @throws MartletError REFERENCE_EMPTY when the relation has no rows
 * @throws MartletError PROFILE_COLUMNS when a column is named twice or is not in the relation
 * @throws MartletError REFERENCE_INVALID when seasons or parts are asked for without a time column, or seasons of weighted rows
 * @throws MartletError WEIGHT_COLUMN when the column of weights is not there or holds no numbers
 */
export async function profileReference(warehouse: Warehouse, request: ProfileRequest): Promise<ReferenceProfile> {
  const { seasons = [], parts } = request
  const { entity = [] } = request
  if (seasons.length === 0 && parts === undefined)
    return measureReference(warehouse, request, (session, measured) => withGaps(session, measured, entity))
  if (request.time === undefined) throw invalid('seasons and parts need the `time` column of the rows')
  if (seasons.length > 0 && request.weight !== undefined)
    throw invalid(`rows that count by ${request.weight} are not counted by season; leave out \`seasons\` or \`weight\``)
  const length = parts === undefined ? null : lengthOf(parts, 'parts')
  return measureReference(warehouse, request, async (session, measured) => {
    const profile = await withGaps(session, measured, entity)
    return withPieces(session, { ...measured, profile }, request, length)
  })
}

async function withPieces(
  warehouse: Warehouse,
  { profile, relation, time, weights }: MeasuredRows,
  { seasons = [], zone = 'UTC' }: ProfileRequest,
  length: number | null,
): Promise<ReferenceProfile> {
  const parts = length === null || time === null ? [] : await partsOf(warehouse, relation, time, profile, length)
  // Rows outside of all parts are in stretches of their own, so that seasons count all rows.
  const stretches = parts.length === 0 ? [] : aroundAll(profile, parts)
  const pieces = await countPieces(warehouse, profile, {
    relation,
    time,
    stretches,
    seasons: seasons.length === 0 ? null : { by: seasons, zone },
    ...(weights === undefined ? {} : { weights }),
  })
  const windows = parts.map((part) => pieces.stretches.map((number) => stretches[number] === part))
  const finest = finestUnit(length === null ? null : length / HOUR_MS)
  const told = piecesWithCoarserForms(profile, pieces, finest)
  const spread = windowSpread(told.profile, told.pieces, windows, [])
  const seasonSpread = seasons.length === 0 ? null : windowSpread(told.profile, told.pieces, windows, seasons)
  const rows = rowSpread(pieces, windows)
  const seconds = (length ?? 0) / 1000
  const between = windowEffects(told.profile, told.pieces, windows, [], seconds)
  const seasonal = seasons.length === 0 ? null : windowEffects(told.profile, told.pieces, windows, seasons, seconds)
  const columns = profile.columns.map((column, index) => ({
    ...withWindowEffects(column, between?.columns[index], seasonal?.columns[index]),
    ...(spread?.[index] === undefined ? {} : { spread: spread[index] }),
    ...(seasonSpread?.[index] === undefined ? {} : { seasonSpread: seasonSpread[index] }),
  }))
  const views = profile.views?.map((view, index) =>
    withWindowEffects(view, between?.views[index], seasonal?.views[index]),
  )
  return {
    ...profile,
    columns,
    ...(views === undefined ? {} : { views }),
    ...(rows === null ? {} : { rowSpread: rows }),
    ...(seasons.length === 0 ? {} : { pieces: bySeason(pieces) }),
  }
}

function withWindowEffects<Part extends { readonly effects?: RowEffects }>(
  part: Part,
  windows: WindowEffect | undefined,
  seasonWindows: WindowEffect | undefined,
): Part {
  if (windows === undefined && seasonWindows === undefined) return part
  return {
    ...part,
    effects: {
      ...part.effects,
      ...(windows === undefined ? {} : { windows }),
      ...(seasonWindows === undefined ? {} : { seasonWindows }),
    },
  }
}

/**
 * The whole parts of a profile's time that have rows, those of whole days from midnight UTC on. They are looked up, because
 * one row of the year 9999 makes any length of time a great many parts.
 */
async function partsOf(
  warehouse: Warehouse,
  relation: Relation,
  column: string,
  { time }: ReferenceProfile,
  length: number,
): Promise<readonly TimeWindow[]> {
  if (time === null) return []
  const { leaves } = warehouse
  const step = length % DAY_MS === 0 ? DAY_MS : length
  const start = Math.floor(Date.parse(time.from) / step) * step
  const count = Math.floor((Date.parse(time.to) - start) / length + 1 - ENOUGH_OF_A_PART)
  const timed = sql`SELECT * FROM ${fromRelation(relation)} WHERE ${sql.id(column)} IS NOT NULL`
  const sinceStart = sql`(${leaves.epochMicros(sql.id(column))} - (${sql.raw(String(BigInt(start) * 1000n))}))`
  const numbers = await codesIn(warehouse, timed, leaves.floorDivide(sinceStart, length * 1000))
  return numbers
    .filter((number) => number < count)
    .slice(-MOST_PARTS)
    .map((number) => ({ from: new Date(start + number * length), to: new Date(start + (number + 1) * length) }))
}

/** Parts, and the stretches of the profile's time before, between and after them. */
function aroundAll({ time }: ReferenceProfile, parts: readonly TimeWindow[]): readonly TimeWindow[] {
  if (time === null) return parts
  const ends = [new Date(time.from), ...parts.map(({ to }) => to)]
  const starts = [...parts.map(({ from }) => from), new Date(Date.parse(time.to) + 1)]
  return ends.flatMap((from, index) => {
    const [to, part] = [starts[index], parts[index]]
    return [...(to !== undefined && from < to ? [{ from, to }] : []), ...(part === undefined ? [] : [part])]
  })
}
