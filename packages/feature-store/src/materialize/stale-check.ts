import { tableHash } from '../catalog/table-hash.ts'
import type { MomentTable } from '../compile/tiles/moment-table.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import type { CheckResult } from '../quality/finding.ts'
import type { Warehouse } from '@martlet/warehouse'
import { readBy } from '../vocabulary/view-sources.ts'
import type { MaterializeOptions } from './options.ts'
import type { PlannedView } from './plan-materialization.ts'
import { ensureMoments, refreshMoments } from './refresh-moments.ts'
import { refuseStale, staleFinding } from './stale-finding.ts'
import { isMadeOf, outside } from './stale-ranges.ts'
import { ensureStaleRows, noteStale, noteWritten, readStale } from './stale-rows.ts'
import type { Chunk } from './write-range.ts'

/** Keeps the stored tiles of a call's views right, and finds rows that were written before facts changed. */
export interface StaleCheck {
  /** Before a chunk's rows are computed: compares all tiles with the facts when it is the first of its view. */
  readonly prepare: (warehouse: Warehouse, view: ViewPlan, chunk: Chunk) => Promise<void>
  /** After its rows have been written, on the same connection. */
  readonly written: (warehouse: Warehouse, view: ViewPlan, chunk: Chunk) => Promise<void>
  /** What was found about the rows of a view that this run does not write again. */
  readonly finding: (view: ViewPlan) => CheckResult | undefined
}

interface Of {
  readonly options: MaterializeOptions
  readonly planned: readonly PlannedView[]
  /** The shared tables of tiles, by view. */
  readonly tables: ReadonlyMap<string, MomentTable>
  /** The views whose rows are watched: those that can be materialized by name. */
  readonly watched: readonly ViewPlan[]
}

/** Creates what a view's check needs; `table`: its tiles, if it has any. */
export async function ensureTiles(warehouse: Warehouse, table: MomentTable | undefined): Promise<void> {
  if (table !== undefined) await ensureMoments(warehouse, table)
  await ensureStaleRows(warehouse)
}

export function staleCheck({ options, planned, tables, watched }: Of): StaleCheck {
  const quality = options.quality === false || options.quality === undefined ? {} : options.quality
  const findings = new Map<string, CheckResult | undefined>()
  const began = new Map<string, bigint>()
  const known = new Map<string, ReadonlySet<string>>()
  const plans = new Map(planned.map((one) => [one.view.name, one]))
  return {
    finding: ({ name }) => findings.get(name),
    prepare: async (warehouse, view, chunk) => {
      const table = tables.get(view.name)
      const one = plans.get(view.name)
      const work = one?.work
      if (one === undefined || (work?.action !== 'write' && work?.action !== 'rebuild')) return
      if (table === undefined && readBy(view).length === 0) return
      // A chunk may run again from its beginning.
      const first = began.get(view.name) ?? chunk.from
      began.set(view.name, first)
      if (chunk.from !== first) return table === undefined ? undefined : refreshMoments(warehouse, table, chunk.to)
      if (table !== undefined) {
        const shares = ({ name }: ViewPlan): boolean => tables.get(name)?.base === table.base
        const concerned = watched.filter(
          (other) => shares(other) || readBy(other).some((read) => isMadeOf(read, table)),
        )
        await refreshMoments(warehouse, table, chunk.to, (transaction, changes) =>
          noteStale(transaction, concerned, changes, quality.redact === true),
        )
      }
      const stale = await readStale(warehouse, { view: view.name, definition: tableHash(view) })
      known.set(view.name, new Set(stale.map(({ by }) => by)))
      const left = outside(stale, { from: work.start, to: work.to })
      const finding = staleFinding(warehouse, view, within(left, writtenBefore(one)), quality)
      findings.set(view.name, finding)
      refuseStale(finding)
    },
    written: async (warehouse, view, chunk) => {
      const by = known.get(view.name)
      if (by === undefined || by.size === 0) return
      await noteWritten(warehouse, { view: view.name, definition: tableHash(view) }, chunk, by)
    },
  }
}

/** The rows that earlier runs have left, one that was interrupted too. */
function writtenBefore({ hash, state: { covered }, work }: PlannedView): Chunk {
  const [from, to] = work.action === 'write' || work.action === 'rebuild' ? [work.from, work.start] : [0n, 0n]
  if (covered === null || covered.hash !== hash) return { from, to }
  return {
    from: covered.since < from ? covered.since : from,
    to: covered.watermark > to ? covered.watermark : to,
  }
}

function within<Range extends Chunk>(ranges: readonly Range[], { from, to }: Chunk): readonly Range[] {
  return ranges.flatMap((range) => {
    const [first, end] = [range.from > from ? range.from : from, range.to < to ? range.to : to]
    return first < end ? [{ ...range, from: first, to: end }] : []
  })
}
