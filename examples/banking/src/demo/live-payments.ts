import type { World } from '../bank/simulate.ts'
import type { Channel, Country, Micros } from '../bank/rows.ts'
import { frontMan } from '../bank/takeover.ts'
import { randomOf } from '@martlet/example-logistics/random'

/** A payment to be decided, and whether it is its customer's own. */
export interface LivePayment {
  readonly account: string
  readonly counterparty: string
  /** Cents. */
  readonly amount: number
  readonly channel: Channel
  readonly country: Country
  readonly own: boolean
}

/** Payments of a takeover, one after another. */
const BURST = 5

/** So many ordinary payments as they would come next, and among them the bursts of the takeovers that have begun. */
export function livePayments(
  { bank, next, open, shape }: World,
  ordinary: number,
  now: Micros,
): readonly LivePayment[] {
  const random = randomOf(shape.seed, 0x11e)
  const taken = new Set(open)
  const own = next
    .filter(({ account, direction, channel }) => direction === 'out' && channel !== 'standing' && !taken.has(account))
    .slice(0, ordinary)
    .map(({ at: _, direction: __, ...payment }): LivePayment => ({ ...payment, own: true }))
  const bursts = open.map((account) =>
    Array.from({ length: BURST }, (): LivePayment => ({
      account,
      counterparty: frontMan(random, now),
      amount: Math.round(bank.balance(account) * (0.08 + random.next() * 0.1)),
      channel: random.next() < 0.7 ? 'web' : 'mobile',
      country: random.next() < 0.5 ? 'CH' : 'LT',
      own: false,
    })),
  )
  // The bursts begin at different places, and others pay between their payments.
  const payments: LivePayment[] = []
  const every = Math.max(1, Math.floor(own.length / (open.length * BURST + 1)))
  const grabs = bursts.flat()
  for (const [index, payment] of own.entries()) {
    payments.push(payment)
    const grab = index % every === every - 1 ? grabs[Math.floor(index / every)] : undefined
    if (grab !== undefined) payments.push(grab)
  }
  return payments
}
