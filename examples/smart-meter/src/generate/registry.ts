import { randomOf } from '@martlet/example-logistics/random'
import { startOf } from './clock.ts'
import type { Household } from './households.ts'
import { DAY_MS, dateText, HALF_HOUR_MS, type Ledger, type World } from './world.ts'

/** A version of an agreement; days are of London, `valid_to` is not included. */
export interface Agreement {
  readonly agreement_id: number
  readonly account_id: string
  readonly meterpoint_id: string
  readonly product_id: string
  readonly valid_from: string
  readonly valid_to: string | null
  readonly status: 'active' | 'cancelled'
  readonly updated_at: string
  /** The first export that has it, as a day of the world. */
  readonly exportDay: number
}

export interface Meter {
  readonly serial: string
  readonly meterpoint_id: string
  readonly installed_at: string
  readonly removed_at: string | null
  /** Milliseconds. */
  readonly from: number
  readonly to: number
}

export const products = [
  { product_id: 'FLEX', name: 'Flexible', kind: 'flat', pence: 24.5 },
  { product_id: 'FIX12', name: 'Fixed for 12 months', kind: 'flat', pence: 23.1 },
  { product_id: 'NIGHT', name: 'Night saver', kind: 'night', pence: 27.9 },
  { product_id: 'AGILE', name: 'Half-hourly price', kind: 'variable', pence: null },
] as const

/** Exports come weekly; each has all that is known then. */
export function exportDays({ days }: World): readonly number[] {
  return Array.from({ length: Math.ceil(days / 7) }, (_, week) => week * 7)
}

const exportFor = (day: number): number => Math.max(0, Math.ceil(day / 7) * 7)

/** Agreements with what goes wrong: overlaps, corrections after the fact, cancellations, and ends that nobody knows yet. */
export function agreementsOf(world: World, homes: readonly Household[], ledger: Ledger): readonly Agreement[] {
  const { seed, startDay, days } = world
  const found: Agreement[] = []
  let id = 1000
  for (const [place, home] of homes.entries()) {
    const random = randomOf(seed, 5, place)
    const account_id = `A${home.id.slice(1)}`
    const choice = (): string =>
      home.car > 0 && random.next() < 0.7 ? 'NIGHT' : (products[Math.floor(random.next() * 4)]?.product_id ?? 'FLEX')
    const add = (from: number, to: number | null, known: number, change: Partial<Agreement> = {}): Agreement => {
      const exportDay = change.exportDay ?? exportFor(known)
      const row: Agreement = {
        agreement_id: ++id,
        account_id,
        meterpoint_id: home.id,
        product_id: choice(),
        valid_from: dateText(startDay + from),
        valid_to: to === null ? null : dateText(startDay + to),
        status: 'active',
        updated_at: new Date((startDay + known) * DAY_MS + 9 * 3_600_000).toISOString(),
        ...change,
        exportDay,
      }
      found.push(row)
      return row
    }
    const moves = random.next() < 0.7 ? Math.floor(30 + (days - 40) * random.next()) : undefined
    // A fifth begin with a hole: the first agreement is of a later day.
    const first = add(random.next() < 0.1 ? 10 : -200, null, -5)
    ledger.note('openEnded')
    if (moves === undefined || moves >= days) continue
    const next = add(moves, null, moves - 4)
    const overlap = random.next() < 0.5 ? 1 + Math.floor(10 * random.next()) : 0
    if (overlap > 0) ledger.note('overlap')
    // The first one is ended when the second begins, or too late.
    const ended = { ...first, valid_to: dateText(startDay + moves + overlap) }
    const { agreement_id, product_id, valid_from } = first
    add(0, null, moves - 3, {
      ...ended,
      agreement_id,
      product_id,
      valid_from,
      updated_at: updated(startDay + moves - 3),
      exportDay: exportFor(moves - 3),
    })
    const chance = random.next()
    if (chance < 0.3) {
      // The second one began earlier than it was said, which is known ten days later.
      ledger.note('correctedAgreement')
      const known = moves + 10
      add(0, null, known, {
        ...next,
        valid_from: dateText(startDay + moves - 2),
        updated_at: updated(startDay + known),
        exportDay: exportFor(known),
      })
    } else if (chance < 0.5) {
      ledger.note('cancelled')
      add(0, null, moves + 6, {
        ...next,
        status: 'cancelled',
        updated_at: updated(startDay + moves + 6),
        exportDay: exportFor(moves + 6),
      })
    }
  }
  return found
}

function updated(day: number): string {
  return new Date(day * DAY_MS + 15 * 3_600_000).toISOString()
}

/** The meters of every meterpoint; some are exchanged around noon. */
export function metersOf(
  { seed, startDay, days, faults }: World,
  homes: readonly Household[],
  ledger: Ledger,
): readonly Meter[] {
  return homes.flatMap(({ id }, place) => {
    const random = randomOf(seed, 6, place)
    const meter = (letter: string, from: number, to: number): Meter => ({
      serial: `S${id.slice(1)}${letter}`,
      meterpoint_id: id,
      installed_at: new Date(from).toISOString(),
      removed_at: Number.isFinite(to) ? new Date(to).toISOString() : null,
      from,
      to,
    })
    const begin = startOf(startDay - 400)
    if (random.next() >= faults.swap || days < 3) return [meter('a', begin, Infinity)]
    ledger.note('swap')
    const swap = startOf(startDay + 1 + Math.floor((days - 2) * random.next())) + 24 * HALF_HOUR_MS
    return [meter('a', begin, swap), meter('b', swap, Infinity)]
  })
}
