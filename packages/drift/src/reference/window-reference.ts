import { finestUnit } from '../count/instant-sql.ts'
import type { TimeWindow } from '../count/windows.ts'
import { piecesWithCoarserForms } from '../profile/coarser-forms.ts'
import type { ReferencePieces } from '../profile/pieces.ts'
import type { RowEffects, WindowEffect } from '../profile/group-effects.ts'
import { filledTime, type ReferenceProfile } from '../profile/reference-profile.ts'
import { seasonHours, seasonWords, type Season } from '../profile/season.ts'
import type { WindowReference } from '../verdict/evidence.ts'
import { assemble } from './assemble.ts'
import type { OpenReference, ReferenceParts } from './open-reference.ts'
import { rowSpread } from './row-spread.ts'
import { compositionOf, seasonWeights, type Composition } from './season-weights.ts'
import { windowEffects } from './window-effects.ts'
import { windowSpread } from './window-spread.ts'

/** The reference of a window, by the seasons that the window's rows have; without seasons, `composition` is not looked at. */
export function windowReference(open: OpenReference, index: number, composition: Composition): WindowReference {
  const { profile, match, pieces } = open
  const parts = open.parts[index]
  if (pieces === null || parts === undefined) return { profile, words: 'the stored profile', unseen: [] }
  const { stretches } = parts
  const matched = match.length > 0
  const sameSeasons = match.length === pieces.by.length
  const words = matched ? `${stretches.words}, rows of the same ${match.join(' and ')}` : stretches.words
  const span = spanOf(profile, stretches.all)
  const same = parts.windows.map((chosen) => !matched || hasMostly(pieces, chosen, match, composition))
  const alike = parts.windows.filter((_, at) => same[at] === true)
  const windows = stretches.windows.filter((_, at) => same[at] === true)
  const told = piecesWithCoarserForms(
    profile,
    pieces,
    finestUnit(windows.length === 0 ? null : hoursIn(windows) / windows.length),
  )
  const history = stretches.all.length > 0
  const learnt = history ? windowSpread(told.profile, told.pieces, alike, match) : null
  const rows = history ? rowSpread(pieces, alike) : null
  const [like] = windows
  const between =
    like === undefined
      ? null
      : windowEffects(told.profile, told.pieces, alike, match, (like.to.getTime() - like.from.getTime()) / 1000)
  const single = stretches.all.length === 1 && between === null
  const spread = ({ rowSpread: _, ...base }: ReferenceProfile): ReferenceProfile => ({
    ...base,
    ...(rows === null ? {} : { rowSpread: rows }),
    ...(parts.gaps === undefined ? {} : { gaps: parts.gaps }),
    columns: base.columns.map((column, at) => {
      const values = history ? learnt?.[at] : sameSeasons ? column.seasonSpread : undefined
      const { spread: _, ...rest } = column
      const plain = withWindows(rest, history, sameSeasons, between?.columns[at])
      return values === undefined ? plain : { ...plain, spread: values }
    }),
    ...(base.views === undefined
      ? {}
      : { views: base.views.map((view, at) => withWindows(view, history, sameSeasons, between?.views[at])) }),
  })
  if (!matched) {
    const assembled = assemble(profile, pieces, parts.chosen.map(Number))
    const hours = hoursIn(stretches.all)
    const part = spread({ ...assembled, time: span, hours })
    return { profile: part, words, unseen: [], windows, single }
  }
  const { weights, unseen, reference } = seasonWeights(pieces, parts.chosen, match, composition)
  const assembled = assemble(profile, pieces, weights)
  const hours = seasonalHours(assembled.rows, match, composition, reference, timesOf(profile, parts))
  const part = spread({ ...assembled, time: span, ...(hours === null ? {} : { hours }) })
  const missing = [...unseen]
    .toSorted(([a], [b]) => a - b)
    .map(([code, rows]) => ({ code, words: seasonWords(code, match), rows }))
  return { profile: part, words, unseen: missing, windows, single }
}

/** What windows like this one differ by: of earlier rows its own, of a stored profile the parts that were compared by the same seasons. */
function withWindows<Part extends { readonly effects?: RowEffects }>(
  part: Part,
  history: boolean,
  sameSeasons: boolean,
  found: WindowEffect | undefined,
): Part {
  const { windows: _, seasonWindows, ...effects } = part.effects ?? {}
  const windows = history ? found : sameSeasons ? seasonWindows : undefined
  if (part.effects === undefined && windows === undefined) return part
  return { ...part, effects: { ...effects, ...(windows === undefined ? {} : { windows }) } }
}

/** Whether most rows of a reference window are of seasons that the window has, so that its spread says something about it. */
function hasMostly(
  pieces: ReferencePieces,
  chosen: readonly boolean[],
  match: readonly Season[],
  window: Composition,
): boolean {
  const own = [...compositionOf(pieces, chosen, match)]
  const rows = own.reduce((sum, [, count]) => sum + count, 0)
  return own.reduce((sum, [code, count]) => sum + (window.has(code) ? count : 0), 0) * 2 > rows
}

function spanOf(profile: ReferenceProfile, stretches: readonly TimeWindow[]): ReferenceProfile['time'] {
  if (profile.time === null || stretches.length === 0) return profile.time
  const from = Math.min(...stretches.map((stretch) => stretch.from.getTime()))
  const to = Math.max(...stretches.map((stretch) => stretch.to.getTime()))
  return { column: profile.time.column, from: new Date(from).toISOString(), to: new Date(to).toISOString() }
}

function timesOf(profile: ReferenceProfile, { stretches }: ReferenceParts): readonly TimeWindow[] {
  if (stretches.all.length > 0) return stretches.all
  const filled = filledTime(profile)
  return filled === null ? [] : [filled]
}

function hoursIn(stretches: readonly TimeWindow[]): number {
  return stretches.reduce((hours, { from, to }) => hours + (to.getTime() - from.getTime()) / 3_600_000, 0)
}

/** The hours in which the reference has as many rows as `rows`, if its seasons come in the window's shares; null when unknown. */
function seasonalHours(
  rows: number,
  match: readonly Season[],
  window: Composition,
  reference: Composition,
  times: readonly TimeWindow[],
): number | null {
  let windowRows = 0
  let needed = 0
  for (const [code, count] of window) {
    const found = reference.get(code) ?? 0
    if (found === 0) continue
    const hours = times.reduce((sum, { from, to }) => sum + seasonHours(code, match, from, to), 0)
    windowRows += count
    needed += count * (hours / found)
  }
  return windowRows === 0 || !(needed > 0) ? null : (rows * needed) / windowRows
}
