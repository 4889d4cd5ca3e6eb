import type { AggregatePlan, CombinedPlan } from '../plan/feature-plan.ts'
import type { TailPart } from '../online/events/event-store.ts'
import { floorDivide } from '../plan/time/grid.ts'
import type { Value } from '../vocabulary/algebra/value.ts'
import type { Accumulator } from './accumulators/accumulator.ts'
import { combineOf } from './combined.ts'
import type { ContinuousEvent } from './continuous-event.ts'
import { derivedValues } from './derived-values.ts'
import { otherDefinition } from './fold.ts'
import type { StateLayout } from './layout.ts'
import { isOf, KIND_EVENT, KIND_SUMMARY, SummaryReader, type Border } from './summary.ts'
import { readTailEvent } from './tail-value.ts'

/** What the store has of one entity. */
export interface KeptState {
  /** The value of its base; undefined without one. */
  readonly base: Uint8Array | undefined
  /** The parts of its tail that are not in the base. */
  readonly tail: readonly TailPart[]
}

/** A row of a continuous view at one instant. */
export interface ContinuousRow {
  /** The instant (µs) that closed the windows. */
  readonly closedAt: bigint
  /** When the newest event happened that counts, whatever windows it is in. */
  readonly newest: bigint
  /** In the order of the view's features. */
  readonly values: readonly Value[]
}

/** Compiles the reading of a view: the row of an entity at an instant, or undefined when it has no event by then. */
export function continuousRows(layout: StateLayout): (state: KeptState, at: Border) => ContinuousRow | undefined {
  const { view, features, windows } = layout
  const derive = derivedValues(view)
  const finished = features.map(({ plan, parts }) => ({
    place: view.features.indexOf(plan),
    parts,
    types: parts.map(({ type }) => type),
    combine: combineOf('aggregate' in plan ? (plan.aggregate as AggregatePlan | CombinedPlan) : undefined),
  }))
  const byRing = layout.rings.map((_, ring) => windows.flatMap((one, place) => (one.ring === ring ? [place] : [])))
  return (state, at) => {
    const pieces = piecesOf(layout, state)
    const borders = pieces.summaries.map(({ border }) => border)
    const closedAt = borders.reduce((latest, { closedAt: one }) => (one > latest ? one : latest), at.closedAt)
    const by = borders.reduce((latest, { by: one }) => (one > latest ? one : latest), at.by)
    const starts = windows.map(({ ring, length }) => {
      const hop = layout.rings[ring]?.hop ?? null
      if (length === null || hop === null) return null
      const tile = floorDivide(closedAt - length, hop)
      return { tile: Number(tile), from: tile * hop }
    })
    const sums = windows.map(({ ring }) => layout.accumulators(ring))
    let newest: bigint | undefined
    const seen = (time: bigint | undefined): void => {
      if (time !== undefined && (newest === undefined || time > newest)) newest = time
    }
    const add = (event: ContinuousEvent): void => {
      if (event.time >= closedAt || event.since > by) return
      seen(event.time)
      for (const [place, start] of starts.entries())
        if (start === null || event.time >= start.from) addTo(sums[place], event)
    }
    for (const summary of pieces.summaries) {
      seen(summary.newest)
      summary.tiles((ring, tile, read) => {
        for (const place of byRing[ring] ?? []) {
          const start = starts[place]
          const into = sums[place]
          if (into !== undefined && (start === null || start === undefined || tile >= start.tile)) read(into)
        }
      })
      for (const event of summary.later()) add(event)
    }
    for (const event of pieces.events) add(event)
    if (newest === undefined) return undefined
    const row: Value[] = view.features.map((): Value => null)
    row.push(closedAt)
    for (const { place, parts, types, combine } of finished) {
      const values = parts.map(({ window, slots, finish, column }) => {
        const sum = sums[window]
        return finish.value(
          slots.flatMap((slot) => sum?.[slot] ?? []),
          column,
          closedAt,
        )
      })
      row[place] = combine(values, types)
    }
    derive(row)
    return { closedAt, newest, values: row.slice(0, -1) }
  }
}

function addTo(accumulators: readonly Accumulator[] | undefined, event: ContinuousEvent): void {
  for (const one of accumulators ?? []) one.add(event)
}

interface Pieces {
  readonly summaries: readonly SummaryReader[]
  readonly events: readonly ContinuousEvent[]
}

function piecesOf(layout: StateLayout, { base, tail }: KeptState): Pieces {
  const summaries: SummaryReader[] = []
  const events: ContinuousEvent[] = []
  if (base !== undefined && base.length > 0) {
    if (!isOf(layout, base, KIND_SUMMARY)) throw otherDefinition(layout)
    summaries.push(new SummaryReader(layout, base))
  }
  for (const { value } of tail) {
    if (isOf(layout, value, KIND_EVENT)) events.push(readTailEvent(layout, value))
    else if (isOf(layout, value, KIND_SUMMARY)) summaries.push(new SummaryReader(layout, value))
    else throw otherDefinition(layout)
  }
  return { summaries, events }
}
