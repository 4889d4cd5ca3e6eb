import type { TailPart } from '../online/events/event-store.ts'
import type { MaybePromise, OnlineRead, OnlineStore, StoredRow } from '../online/online-store.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import type { IngestPlan } from '../plan/ingest-plan.ts'
import { sourceOf } from './source-tails.ts'
import { closing } from './closing.ts'
import { publicationKey, publicationOf, PUBLICATIONS } from './publication.ts'
import { stateLayout } from './layout.ts'
import { continuousRows, type ContinuousRow } from './reading.ts'
import type { Border } from './summary.ts'
import { rowBytes } from './row-bytes.ts'

/** A row of a continuous view as stored rows of other views are, made for one read. */
export interface MadeRow extends StoredRow {
  /** The instant (µs) that closed its windows. */
  readonly closedAt: bigint
}

/** Makes rows of one continuous view from what the store has of its entities. */
export interface ContinuousReader {
  /** What is read along with the bases: what these are of. */
  readonly publication: OnlineRead
  /**
   * The rows of the entities at an instant (µs), in the order of their bases and tails; undefined where none is known.
   * `time` is when the newest event of the entity happened.
   */
  rows(
    stored: {
      readonly bases: readonly (StoredRow | undefined)[]
      readonly tails: readonly (readonly TailPart[])[]
      readonly publication: StoredRow | undefined
    },
    now: bigint,
  ): MaybePromise<readonly (MadeRow | undefined)[]>
}

/** Compiles the reading of a continuous view. */
export function continuousReader(
  view: ViewPlan,
  store: Pick<OnlineStore, 'events'>,
  sources: readonly IngestPlan[],
): ContinuousReader {
  const layout = stateLayout(view)
  const rowAt = continuousRows(layout)
  const encode = rowBytes(view)
  const fed = sourceOf(view, sources)?.name
  const follows = 'clock' in view.grid && view.grid.clock === 'newest event'
  return {
    publication: { table: PUBLICATIONS, keys: [publicationKey(view.name)] },
    rows({ bases, tails, publication: record }, now) {
      const publication = publicationOf(view.name, record)
      const make = (at: Border): readonly (MadeRow | undefined)[] => {
        const rows = bases.map((base, slot): ContinuousRow | undefined => {
          const position = base?.time ?? publication?.position ?? 0n
          const tail = (tails[slot] ?? []).filter((part) => part.position > position)
          return base === undefined && tail.length === 0 ? undefined : rowAt({ base: base?.value, tail }, at)
        })
        const found = rows.filter((row) => row !== undefined)
        const values = encode(found.map((row) => row.values))
        let next = 0
        return rows.map((row): MadeRow | undefined => {
          const value = row === undefined ? undefined : values[next++]
          return row === undefined || value === undefined
            ? undefined
            : { time: row.newest, value, closedAt: row.closedAt }
        })
      }
      if (!follows) return make({ closedAt: now, by: now })
      const source = fed ?? publication?.source ?? undefined
      const pushed = source === undefined ? undefined : store.events?.newestTime(source)
      const close = (newest: bigint | undefined): Border => closing(view, [publication?.newest, newest], now)
      return pushed instanceof Promise ? pushed.then((newest) => make(close(newest))) : make(close(pushed))
    },
  }
}
