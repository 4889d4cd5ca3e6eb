import { countOf, oneOf, type Random } from '@martlet/example-logistics/random'
import type { Cents } from './money.ts'
import { DAY, SEGMENTS, type Account, type Customer, type Micros } from './rows.ts'

const FIRST = ['Anna', 'Beat', 'Carla', 'Dario', 'Elif', 'Fritz', 'Gina', 'Hugo', 'Ines', 'Jan', 'Lea', 'Zoë'] as const
const LAST = ['Müller', 'Rossi', 'Favre', 'Keller', 'Nguyen', 'Šimić', 'O’Brien', 'Berger', 'Haas', 'Iten'] as const
const STREETS = ['Bahnhofstrasse', 'Rue du Lac', 'Via Nassa', 'Seeweg', 'Am Bach', 'Chemin Vert'] as const
const TOWNS = ['8001 Zürich', '1204 Genève', '6900 Lugano', '3011 Bern', '4051 Basel', '9000 St. Gallen'] as const

const LIMITS: Readonly<Record<Customer['segment'], Cents>> = { basic: 200_000, plus: 500_000, private: 2_000_000 }

/** How the holder of an account spends. */
export interface Habits {
  /** Card payments and transfers a day. */
  readonly cards: number
  readonly transfers: number
  /** Logarithm of the usual amount of a card payment, in cents, and its spread. */
  readonly level: number
  readonly spread: number
  readonly salary: Cents
  readonly rent: Cents
  readonly merchants: readonly string[]
  readonly people: readonly string[]
  /** The share of payments that go to somebody new. */
  readonly curiosity: number
  /** Whether the holder lives at night. */
  readonly nightly: boolean
}

export function randomAddress(random: Random): string {
  return `${oneOf(random, STREETS)} ${1 + Math.floor(random.next() * 140)}, ${oneOf(random, TOWNS)}`
}

export function randomCustomer(random: Random, no: number, at: Micros): Customer {
  const segment = random.next() < 0.7 ? SEGMENTS[0] : random.next() < 0.75 ? SEGMENTS[1] : SEGMENTS[2]
  return {
    customer_id: `C${String(no).padStart(5, '0')}`,
    name: `${oneOf(random, FIRST)} ${oneOf(random, LAST)}`,
    address: randomAddress(random),
    segment,
    transfer_limit: LIMITS[segment] * (1 + Math.floor(random.next() * 3)),
    updated_at: at,
  }
}

/** A current account for everybody; four in ten have savings as well. */
export function randomAccounts(random: Random, customer: Customer, firstNo: number, at: Micros): readonly Account[] {
  const kinds = random.next() < 0.4 ? (['current', 'savings'] as const) : (['current'] as const)
  return kinds.map((kind, index) => ({
    account_id: `A${String(firstNo + index).padStart(6, '0')}`,
    customer_id: customer.customer_id,
    kind,
    overdraft: kind === 'savings' ? 0 : oneOf(random, [0, 0, 50_000, 100_000, 200_000]),
    status: 'open',
    opened_on: Math.floor(at / DAY) - Math.floor(random.next() * 4000),
    updated_at: at,
  }))
}

const RICHER: Readonly<Record<Customer['segment'], number>> = { basic: 1, plus: 1.6, private: 3 }

export function randomHabits(random: Random, { segment }: Customer, { kind }: Account): Habits {
  const saves = kind === 'savings'
  const richer = RICHER[segment]
  return {
    cards: saves ? 0 : 0.5 + random.next() * 1.6,
    transfers: saves ? 0.02 : 0.05 + random.next() * 0.15,
    level: Math.log(2500 * richer) + random.normal() * 0.35,
    spread: 0.6 + random.next() * 0.4,
    salary: saves ? 0 : Math.round((380_000 + random.next() * 300_000) * richer),
    rent: saves ? 0 : Math.round((90_000 + random.next() * 100_000) * richer),
    merchants: Array.from({ length: 6 + countOf(random, 8) }, () => merchant(random)),
    people: Array.from({ length: 2 + countOf(random, 3) }, () => person(random)),
    curiosity: 0.04 + random.next() * 0.14,
    nightly: random.next() < 0.12,
  }
}

/** Few merchants have most customers. */
export function merchant(random: Random): string {
  return `M${String(Math.floor(random.next() ** 2 * 900)).padStart(4, '0')}`
}

export function person(random: Random): string {
  return `P${String(Math.floor(random.next() * 20_000)).padStart(5, '0')}`
}
