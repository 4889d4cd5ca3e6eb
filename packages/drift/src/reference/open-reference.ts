import { MartletError, sql, type Warehouse } from '@martlet/warehouse'
import { fromRelation, relationColumns, type Relation } from '../count/relation.ts'
import { columnNamed } from '../count/spelling.ts'
import { windowSql, type TimeWindow } from '../count/windows.ts'
import { measureReference } from '../profile/profile-reference.ts'
import { plainColumns } from '../profile/derived-columns.ts'
import { measureGaps, togetherGaps, type StretchGaps, type TimeGaps } from '../profile/gaps.ts'
import { keysFor } from '../profile/profiled-gaps.ts'
import type { ReferencePieces } from '../profile/pieces.ts'
import {
  columnKind,
  type ColumnProfile,
  type ProfiledColumn,
  type ReferenceProfile,
} from '../profile/reference-profile.ts'
import type { RowKind } from '../profile/row-kind.ts'
import type { Season } from '../profile/season.ts'
import { countPieces } from './count-pieces.ts'
import { invalid, isHistory, stretchesBefore, type ReferenceChoice, type Stretches } from './reference-choice.ts'

/** A reference, ready to be divided among windows. */
export interface OpenReference {
  /** Its cells are those that all windows are counted on. */
  readonly profile: ReferenceProfile
  readonly choice: ReferenceChoice
  readonly match: readonly Season[]
  /** Null: the profile is compared as it is. */
  readonly pieces: ReferencePieces | null
  /** What belongs to each window's reference. */
  readonly parts: readonly ReferenceParts[]
}

export interface ReferenceParts {
  readonly stretches: Stretches
  /** The pieces of the window's reference. */
  readonly chosen: readonly boolean[]
  /** The pieces of each of its windows, from which floors are learnt. */
  readonly windows: readonly (readonly boolean[])[]
  /** How far the times of its rows are apart. */
  readonly gaps?: TimeGaps
}

export interface ReferenceRequest {
  readonly choice: ReferenceChoice
  readonly profile: ReferenceProfile
  readonly windows: readonly TimeWindow[]
  /** The rows of the monitor, of all times, and their time column. */
  readonly rows: {
    readonly relation: Relation
    readonly time: string | null
    readonly rowKind: RowKind
    /** Columns that say which entity a row is about. @default those of the profile */
    readonly entity?: readonly string[] | undefined
    /** The column by which rows count. @default each counts as one */
    readonly weight?: string | undefined
  }
}

/**
 * Prepares what windows are compared with: the counts of the stored profile, or those of earlier rows. Earlier rows of all
 * windows are counted together, on edges of their own, so that stretches that windows share are read once.
 *
 * @throws MartletError REFERENCE_INVALID when there are no windows to look back from, the stored profile has no seasons, or rows of
 * the same seasons are asked for that have weights
 * @throws MartletError REFERENCE_EMPTY when there are no earlier rows at all
 */
export async function openReference(warehouse: Warehouse, request: ReferenceRequest): Promise<OpenReference> {
  const { choice, profile, windows } = request
  const match = choice.match ?? []
  if (match.length > 0 && request.rows.weight !== undefined)
    throw invalid(`rows that count by ${request.rows.weight} cannot be matched by ${match.join(' and ')}, too`, {
      profile: profile.name,
    })
  if (isHistory(choice)) return openHistory(warehouse, request, match)
  if (match.length === 0) return { profile, choice, match, pieces: null, parts: [] }
  const pieces = profile.pieces
  const lacking = match.filter((season) => pieces?.by.includes(season) !== true)
  if (pieces === undefined || lacking.length > 0) {
    throw invalid(
      `profile ${profile.name} has no counts by ${lacking.join(' and ')}; profile the reference again with \`seasons\``,
      { profile: profile.name },
    )
  }
  const chosen = pieces.rows.map(() => true)
  const stretches = { all: [], windows: [], words: 'the stored profile' }
  const count = Math.max(1, windows.length)
  return {
    profile,
    choice,
    match,
    pieces,
    parts: Array.from({ length: count }, () => ({ stretches, chosen, windows: [] })),
  }
}

async function openHistory(
  warehouse: Warehouse,
  { choice, profile, windows, rows }: ReferenceRequest,
  match: readonly Season[],
): Promise<OpenReference> {
  const { time } = rows
  if (windows.length === 0 || time === null)
    throw invalid('without windows there is no time to look back from; set `window` and the time column')
  const wanted = windows.map((window) => stretchesBefore(choice, window))
  const pieces = disjoint(wanted.flatMap(({ all, windows: learnt }) => [...all, ...learnt]))
  const [first] = wanted
  if (pieces.length === 0 && first !== undefined)
    throw new MartletError('REFERENCE_EMPTY', `There is nothing to compare with: ${first.words}.`, {
      data: { profile: profile.name },
    })
  const relation = sql`
    SELECT *
    FROM ${fromRelation(rows.relation)}
    WHERE ${windowSql(warehouse.leaves, sql.id(time), pieces).where}
  `
  const there = await relationColumns(warehouse, rows.relation)
  const columns = plainColumns(profile.columns).filter(({ name }) => columnNamed(there, name) !== undefined)
  const entity = (rows.entity ?? profile.dependence?.entity)?.filter((name) => columnNamed(there, name) !== undefined)
  let counted: ReferencePieces | null = null
  let gaps: readonly StretchGaps[] = []
  let keys: readonly string[] = []
  const measuring = measureReference(
    warehouse,
    {
      name: profile.name,
      relation,
      columns: columns.map(asked),
      ...(entity === undefined ? {} : { entity }),
      time,
      rowKind: rows.rowKind,
      ...(rows.weight === undefined ? {} : { weight: rows.weight }),
    },
    async (session, { profile: whole, relation: spelled, time: spelledTime, weights }) => {
      counted = await countPieces(session, whole, {
        relation: spelled,
        time: spelledTime,
        stretches: pieces,
        seasons: match.length === 0 ? null : { by: match, zone: choice.zone ?? 'UTC' },
        ...(weights === undefined ? {} : { weights }),
      })
      if (spelledTime === null) return whole
      keys = keysFor(entity ?? [], await relationColumns(session, spelled), spelledTime)
      gaps = await measureGaps(session, { relation: spelled, time: spelledTime, keys, stretches: pieces })
      return whole
    },
  )
  const measured = await measuring.catch((error: unknown) => {
    if (!(error instanceof MartletError && error.code === 'REFERENCE_EMPTY') || rows.weight !== undefined) throw error
    const reach = `${dayAndTime(pieces[0]?.from)} to ${dayAndTime(pieces.at(-1)?.to)}`
    throw new MartletError(
      'REFERENCE_EMPTY',
      `There is nothing to compare with: ${profile.name} has no rows in the past that \`reference\` looks back at ` +
        `(${first?.words ?? ''}: ${reach} UTC). Wait until there are some, or look less far back.`,
      { data: { profile: profile.name } },
    )
  })
  const found: ReferencePieces = counted ?? noPieces()
  const chosenBy = (stretches: readonly TimeWindow[]): readonly boolean[] =>
    found.stretches.map((number) => {
      const piece = pieces[number]
      return piece !== undefined && stretches.some(({ from, to }) => from <= piece.from && piece.to <= to)
    })
  const gapsIn = (stretches: readonly TimeWindow[]): TimeGaps => {
    const inside = pieces.flatMap((piece, index) =>
      gaps[index] !== undefined && stretches.some(({ from, to }) => from <= piece.from && piece.to <= to)
        ? [{ piece, found: gaps[index] }]
        : [],
    )
    return togetherGaps(
      inside.map(({ found: one }) => one),
      inside.map(({ piece }) => piece),
      keys,
    )
  }
  return {
    profile: {
      ...measured,
      createdAt: profile.createdAt,
      columns: [
        ...plainColumns(profile.columns).flatMap((column) => {
          const found = measured.columns.filter(({ name, derived }) => (derived?.of ?? name) === column.name)
          return found.length === 0 ? [column] : found
        }),
        ...measured.columns.filter(({ name, role }) => role === 'weight' && !asks(profile, name)),
      ],
    },
    choice,
    match,
    pieces: found,
    parts: wanted.map((stretches) => ({
      stretches,
      chosen: chosenBy(stretches.all),
      windows: stretches.windows.map((window) => chosenBy([window])),
      gaps: gapsIn(stretches.all),
    })),
  }
}

function dayAndTime(instant: Date | undefined): string {
  return instant?.toISOString().slice(0, 16).replace('T', ' ') ?? ''
}

function asks({ columns }: ReferenceProfile, column: string): boolean {
  return columns.some(({ name }) => name === column)
}

function noPieces(): never {
  throw new Error('the reference was measured without its pieces')
}

/** How a profiled column was asked for. */
function asked(column: ColumnProfile): ProfiledColumn {
  const { name, type, role, importance, kind, calendar, sources } = column
  const plain = {
    name,
    type,
    role,
    importance,
    ...(calendar === undefined ? {} : { calendar }),
    ...(sources === undefined ? {} : { sources }),
  }
  return kind === 'time' || kind === columnKind(plain) ? plain : { ...plain, as: kind }
}

/** The same times in stretches that do not overlap: cut wherever one begins or ends. */
export function disjoint(stretches: readonly TimeWindow[]): readonly TimeWindow[] {
  const bounds = [...new Set(stretches.flatMap(({ from, to }) => [from.getTime(), to.getTime()]))].toSorted(
    (a, b) => a - b,
  )
  return bounds.flatMap((start, index) => {
    const end = bounds[index + 1]
    const inside = end !== undefined && stretches.some(({ from, to }) => from.getTime() <= start && end <= to.getTime())
    return inside ? [{ from: new Date(start), to: new Date(end) }] : []
  })
}
