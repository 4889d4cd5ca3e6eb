/** A row as it was delivered; times are hours. */
export interface Delivered {
  readonly id: string | null
  readonly at: number | null
  readonly loadedAt: number | null
  readonly n: number | null
  readonly note: string | null
}

export interface Interval {
  readonly id: string
  readonly n: number | null
  readonly note: string | null
  readonly from: number
  readonly to: number | null
}

type Version = Delivered & { readonly id: string; readonly at: number; readonly loadedAt: number }

/** The newest version of every key, computed row by row. */
export function newestRows(delivered: readonly Delivered[], until: number): readonly Version[] {
  const best = new Map<string, Version>()
  for (const row of usable(delivered, until)) {
    const has = best.get(row.id)
    if (
      has === undefined ||
      compare([row.at, row.loadedAt, row.n, row.note], [has.at, has.loadedAt, has.n, has.note]) > 0
    )
      best.set(row.id, row)
  }
  return [...best.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

/** The intervals of every key, computed version by version; `n` and `note` are tracked. */
export function intervalsOf(delivered: readonly Delivered[], until: number): readonly Interval[] {
  const byKey = new Map<string, Map<number, Version>>()
  for (const row of usable(delivered, until)) {
    const versions = byKey.get(row.id) ?? new Map<number, Version>()
    byKey.set(row.id, versions)
    const has = versions.get(row.at)
    if (has === undefined || compare([row.loadedAt, row.n, row.note], [has.loadedAt, has.n, has.note]) > 0)
      versions.set(row.at, row)
  }
  const intervals: Interval[] = []
  for (const id of [...byKey.keys()].toSorted()) {
    let open: Interval | undefined
    for (const { at, n, note } of [...(byKey.get(id)?.values() ?? [])].toSorted((a, b) => a.at - b.at)) {
      if (open !== undefined && open.n === n && open.note === note) continue
      if (open !== undefined) intervals.push({ ...open, to: at })
      open = { id, n, note, from: at, to: null }
    }
    if (open !== undefined) intervals.push(open)
  }
  return intervals
}

function usable(delivered: readonly Delivered[], until: number): readonly Version[] {
  return delivered.flatMap(({ id, at, loadedAt, ...rest }) =>
    id === null || at === null || loadedAt === null || loadedAt > until ? [] : [{ id, at, loadedAt, ...rest }],
  )
}

/** The first difference decides; a null is less than anything. */
function compare(some: readonly (number | string | null)[], others: readonly (number | string | null)[]): number {
  for (const [index, one] of some.entries()) {
    const other = others[index] ?? null
    if (one === other) continue
    if (one === null) return -1
    return other === null || one > other ? 1 : -1
  }
  return 0
}
