import { hash } from 'node:crypto'
import { MartletError, type ColumnType } from '@martlet/warehouse'
import { namedInput } from '../compile/window-feature.ts'
import type { AggregatePlan, FeaturePlan, WindowPlan } from '../plan/feature-plan.ts'
import type { EventsPlan } from '../plan/source-plan.ts'
import { hopOf } from '../plan/time/hop.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import { inputName, type Input } from '../vocabulary/algebra/input.ts'
import { columnType } from '../vocabulary/sources/computed.ts'
import { featureKind } from '../vocabulary/features/list.ts'
import { factOf } from './fact-of.ts'
import { finishOf, newAccumulator, type Finish, type SlotKind } from './finish.ts'
import type { Accumulator } from './accumulators/accumulator.ts'
import { valueBytes, type ValueBytes } from './value-bytes.ts'

/** What is accumulated in each tile of a ring. */
export interface Slot {
  readonly kind: SlotKind
  /** The place of its input. */
  readonly input: number
}

/** Tiles of one length: one for each step in which the start of some windows moves. */
export interface Ring {
  /** µs; null: one tile for everything. */
  readonly hop: bigint | null
  /** The longest of its windows, µs; null: everything. */
  readonly reach: bigint | null
  readonly slots: readonly Slot[]
}

/** A window of the view, and the aggregates that are read through it. */
export interface WindowParts {
  readonly ring: number
  /** µs; null: everything before T. */
  readonly length: bigint | null
}

/** One aggregate of a feature. */
export interface FinishedPart {
  readonly window: number
  /** Its accumulators among those of the window's ring. */
  readonly slots: readonly number[]
  readonly finish: Finish
  /** The type of its column. */
  readonly column: ColumnType
  /** The type of its value. */
  readonly type: ColumnType
}

export interface FactsFeature {
  readonly plan: FeaturePlan
  readonly parts: readonly FinishedPart[]
}

/** How a continuous view is kept: compiled once from its plan, by writers and readers alike. */
export interface StateLayout {
  readonly view: ViewPlan
  readonly fact: EventsPlan
  readonly inputs: readonly Input[]
  readonly inputBytes: readonly ValueBytes[]
  readonly sequences: ValueBytes
  readonly rings: readonly Ring[]
  readonly windows: readonly WindowParts[]
  readonly features: readonly FactsFeature[]
  /** The first bytes of everything that is kept for the view: what another definition left is recognized. */
  readonly fingerprint: Uint8Array
  /** New accumulators of a ring, of no event. */
  accumulators(ring: number): readonly Accumulator[]
}

/** Compiles the layout of a continuous view. */
export function stateLayout(view: ViewPlan): StateLayout {
  const fact = factOf(view)
  const inputs = new Map<string, Input>()
  const rings = new Map<string, { hop: bigint | null; reach: bigint | null; slots: Slot[] }>()
  const windows = new Map<string, WindowParts & { readonly place: number }>()
  const inputPlace = (plan: AggregatePlan): number => {
    const input = namedInput(`x${inputs.size}`, fact, plan)
    const name = JSON.stringify([inputName(input), input.type])
    if (!inputs.has(name)) inputs.set(name, input)
    return [...inputs.keys()].indexOf(name)
  }
  const windowOf = (window: WindowPlan): WindowParts & { readonly place: number } => {
    const length = lengthOf(view, window)
    const hop = length === null ? null : BigInt(hopOf(Number(length)))
    const known = windows.get(String(length))
    if (known !== undefined) return known
    const ring = rings.get(String(hop)) ?? { hop, reach: length, slots: [] }
    rings.set(String(hop), ring)
    if (length !== null && ring.reach !== null && length > ring.reach) ring.reach = length
    const made = { ring: [...rings.values()].indexOf(ring), length, place: windows.size }
    windows.set(String(length), made)
    return made
  }
  const slotPlace = (ring: number, kind: SlotKind, input: number): number => {
    const slots: Slot[] = [...rings.values()][ring]?.slots ?? []
    const found = slots.findIndex((slot) => slot.kind === kind && slot.input === input)
    return found === -1 ? slots.push({ kind, input }) - 1 : found
  }
  const features = view.features.flatMap((plan): readonly FactsFeature[] => {
    const kind = featureKind(plan)
    if (kind.stage !== 'facts') return []
    const parts = kind.parts(plan).map(({ kind: aggregate, plan: one, window }): FinishedPart => {
      const finish = finishOf(aggregate.name)
      if (finish === undefined) throw refused(view, `${plan.name}: ${aggregate.name} does not merge`)
      const { ring, place } = windowOf(window)
      const input = inputPlace(one)
      const column = columnType(fact, one, one.column)
      const slots = finish.needs.map((slot) => slotPlace(ring, slot, input))
      return { window: place, slots, finish, column, type: aggregate.type(column) }
    })
    return [{ plan, parts }]
  })
  return assembled(view, fact, [...inputs.values()], [...rings.values()], [...windows.values()], features)
}

function assembled(
  view: ViewPlan,
  fact: EventsPlan,
  inputs: readonly Input[],
  rings: readonly Ring[],
  windows: readonly WindowParts[],
  features: readonly FactsFeature[],
): StateLayout {
  const inputBytes = inputs.map(({ type }) => valueBytes(type))
  const sequence = fact.sequence === null ? 'integer' : columnType(fact, {}, fact.sequence)
  const sequences = valueBytes(sequence)
  const kept = {
    inputs: inputs.map((input) => [inputName(input), input.type]),
    sequence: [fact.sequence, sequence],
    rings: rings.map(({ hop, reach, slots }) => [String(hop), String(reach), slots]),
  }
  return {
    view,
    fact,
    inputs,
    inputBytes,
    sequences,
    rings,
    windows,
    features,
    fingerprint: new Uint8Array(hash('sha256', JSON.stringify(kept), 'buffer').subarray(0, 8)),
    accumulators: (ring) =>
      (rings[ring]?.slots ?? []).map(({ kind, input }) => {
        const bytes = inputBytes[input]
        if (bytes === undefined) throw new Error(`there is no input ${input}`)
        return newAccumulator(kind, { input, bytes, sequences })
      }),
  }
}

function lengthOf(view: ViewPlan, window: WindowPlan): bigint | null {
  if (window.kind === 'lifetime') return null
  const length = 'length' in window && typeof window.length === 'number' ? window.length : undefined
  const shifted = 'shift' in window && window.shift !== 0
  if ((window.kind !== 'time' && window.kind !== 'stepped') || length === undefined || shifted)
    throw refused(view, `a window of kind ${window.kind} has no tiles`)
  return BigInt(length)
}

function refused({ name }: ViewPlan, why: string): MartletError {
  return new MartletError('INVALID_DEFINITION', `${name} cannot be continuous: ${why}.`, { data: { view: name } })
}
