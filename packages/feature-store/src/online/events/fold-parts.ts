import type { FoldTail, TailPart } from './event-store.ts'

/** A part, and the border (checkpoint) that its source had when it was written. */
export interface BorderedPart extends TailPart {
  readonly border: bigint
}

export interface FoldedGroup<P> {
  readonly removed: readonly P[]
  readonly folded: BorderedPart
  /** How many of the removed were events that had not been folded before. */
  readonly events: number
}

/** Puts the parts of one key together that lie between the same two borders; what is alone there stays as it is. */
export function foldParts<P extends BorderedPart>(
  table: string,
  key: Uint8Array,
  parts: readonly P[],
  fold: FoldTail,
): readonly FoldedGroup<P>[] {
  return [...Map.groupBy(parts, ({ border }) => border)].flatMap(([border, removed]): FoldedGroup<P>[] => {
    const newest = removed.at(-1)
    if (newest === undefined || removed.length < 2) return []
    const time = removed.reduce((latest, part) => (part.time > latest ? part.time : latest), newest.time)
    const value = new Uint8Array(fold(table, key, removed))
    return [
      {
        removed,
        folded: { position: newest.position, time, kind: 'folded', value, border },
        events: removed.filter(({ kind }) => kind === 'event').length,
      },
    ]
  })
}
