import type { Seeded } from './seeded.ts'

const SECOND = 1_000_000
const DAY = 86_400 * SECOND

/** The bytes of random payments: on time, late, out of order, a few ahead of the clock, some again, some not valid. */
export interface PaymentMaker {
  /** The next events to be pushed at an instant (µs). */
  batch(now: bigint): readonly Uint8Array[]
  readonly accounts: readonly string[]
}

export function paymentMaker(random: Seeded, accounts: number): PaymentMaker {
  const names = Array.from({ length: accounts }, (_, index) => `acc-${index}`)
  const sent: { readonly body: Uint8Array; readonly at: bigint }[] = []
  let next = 0
  const late = (): number => {
    const kind = random.next()
    if (kind < 0.6) return random.below(2 * SECOND)
    if (kind < 0.85) return random.below(600 * SECOND)
    if (kind < 0.95) return random.below(2 * 3600 * SECOND)
    return kind < 0.98 ? random.below(40 * DAY) : -random.below(300 * SECOND)
  }
  const payment = (now: bigint): Uint8Array => {
    const again = sent.length > 0 && random.chance(0.06) ? random.pick(sent) : undefined
    // Ids are known for seven days; an event that comes again later is a new one, until the warehouse sees its id.
    if (again !== undefined && now - again.at < BigInt(6 * DAY)) return again.body
    // Few accounts have most of the payments.
    const account = names[Math.floor(names.length * random.next() ** 3)] ?? names[0]
    const at = now - BigInt(late())
    const body = Buffer.from(
      JSON.stringify({
        payment_id: `p-${next++}`,
        account_id: account,
        at: microsText(at),
        seq: random.below(3),
        amount: random.chance(0.02) ? 'ten' : amount(random),
        fee: random.chance(0.2) ? null : (random.below(2000) / 100).toFixed(2),
        kind: random.pick(['card', 'card', 'wire', 'cash']),
        foreign_country: random.pick([true, false, false, null]),
      }),
    )
    sent.push({ body, at: now })
    return body
  }
  return {
    accounts: names,
    batch: (now) => Array.from({ length: 1 + random.below(16) }, () => payment(now)),
  }
}

function amount(random: Seeded): number {
  const kind = random.next()
  if (kind < 0.8) return random.below(100_000) / 100
  if (kind < 0.9) return random.next()
  return kind < 0.99 ? -random.below(10_000) / 100 : random.next() * 1e15
}

/** An instant with all its microseconds. */
export function microsText(micros: bigint): string {
  const date = new Date(Number(micros / 1000n)).toISOString()
  return `${date.slice(0, -1)}${String(micros % 1000n).padStart(3, '0')}Z`
}
