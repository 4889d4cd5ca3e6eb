import type { ColumnPieces, ReferencePieces } from '../profile/pieces.ts'

/** Some of the pieces, by their numbers. */
export function somePieces(pieces: ReferencePieces, numbers: readonly number[]): ReferencePieces {
  return eachList(pieces, {
    values: (values) => numbers.map((number) => values[number] ?? 0),
    lists: (lists) => numbers.map((number) => lists[number] ?? []),
  })
}

/** Pieces added up over stretches of time: one for each season, or for each of the given ones. */
export function bySeason(
  pieces: ReferencePieces,
  seasons: readonly number[] = [...new Set(pieces.seasons)].toSorted((a, b) => a - b),
): ReferencePieces {
  const place = new Map(seasons.map((code, index) => [code, index]))
  const places = pieces.seasons.map((code) => place.get(code) ?? 0)
  const values = (given: readonly number[]): readonly number[] => {
    const total = seasons.map(() => 0)
    for (const [index, value] of given.entries()) {
      const at = places[index] ?? 0
      total[at] = (total[at] ?? 0) + value
    }
    return total
  }
  const lists = (given: readonly (readonly number[])[]): readonly (readonly number[])[] => {
    const totals = seasons.map(() => Array.from({ length: given[0]?.length ?? 0 }, () => 0))
    for (const [index, list] of given.entries()) {
      const total = totals[places[index] ?? 0]
      if (total !== undefined) for (const [at, value] of list.entries()) total[at] = (total[at] ?? 0) + value
    }
    return totals
  }
  return { ...eachList(pieces, { values, lists }), seasons, stretches: seasons.map(() => 0) }
}

/** What is left of pieces without a part of them; both have the same seasons. */
export function withoutPart(pieces: ReferencePieces, part: ReferencePieces): ReferencePieces {
  const values = (of: readonly number[], less: readonly number[] = []): readonly number[] =>
    of.map((value, index) => value - (less[index] ?? 0))
  const lists = (
    of: readonly (readonly number[])[],
    less: readonly (readonly number[])[] = [],
  ): readonly (readonly number[])[] => of.map((list, index) => values(list, less[index]))
  const columns = Object.entries(pieces.columns).map(([name, of]) => {
    // Both are made of the same pieces, so their columns are of one kind.
    const own = (part.columns[name] ?? {}) as Readonly<Record<string, readonly number[]>>
    const left = Object.entries(of).map(([key, list]: [string, readonly unknown[]]) => [
      key,
      Array.isArray(list[0])
        ? lists(list as readonly (readonly number[])[], own[key] as unknown as readonly (readonly number[])[])
        : values(list as readonly number[], own[key]),
    ])
    return [name, Object.fromEntries(left) as ColumnPieces]
  })
  return {
    ...pieces,
    rows: values(pieces.rows, part.rows),
    ...(pieces.weight === undefined ? {} : { weight: values(pieces.weight, part.weight) }),
    absent: lists(pieces.absent, part.absent),
    columns: Object.fromEntries(columns),
  }
}

interface ListChange {
  values(values: readonly number[]): readonly number[]
  lists(lists: readonly (readonly number[])[]): readonly (readonly number[])[]
}

/** Changes every list that has a place for each piece. */
function eachList(pieces: ReferencePieces, { values, lists }: ListChange): ReferencePieces {
  const column = (of: ColumnPieces): ColumnPieces => {
    const nulls = values(of.nulls)
    if ('sums' in of) {
      const marks = {
        nan: values(of.nan),
        positiveInfinite: values(of.positiveInfinite),
        negativeInfinite: values(of.negativeInfinite),
      }
      return { nulls, ...marks, counts: lists(of.counts), sums: lists(of.sums) }
    }
    return 'present' in of ? { nulls, present: values(of.present), counts: lists(of.counts) } : { nulls }
  }
  return {
    ...pieces,
    seasons: values(pieces.seasons),
    stretches: values(pieces.stretches),
    rows: values(pieces.rows),
    ...(pieces.weight === undefined ? {} : { weight: values(pieces.weight) }),
    absent: pieces.absent.map(values),
    columns: Object.fromEntries(Object.entries(pieces.columns).map(([name, of]) => [name, column(of)])),
  }
}
