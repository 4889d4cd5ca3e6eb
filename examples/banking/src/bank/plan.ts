import { countOf, oneOf, type Random } from '@martlet/example-logistics/random'
import type { Cents } from './money.ts'
import { merchant, person, type Habits } from './people.ts'
import { COUNTRIES, DAY, HOUR, MINUTE, type Channel, type Country, type Micros } from './rows.ts'

/** A payment that somebody is going to try; whether it goes through depends on the balance at that moment. */
export interface Intent {
  readonly at: Micros
  readonly account: string
  readonly direction: 'in' | 'out'
  readonly amount: Cents
  readonly channel: Channel
  readonly counterparty: string
  readonly country: Country
}

/** An instant of a day, by the hours at which people are awake. */
export function instantOn(random: Random, day: Micros, nightly: boolean): Micros {
  const hour = 6 + 16 * ((random.next() + random.next() + random.next()) / 3) + (nightly ? 7 : 0)
  return day + Math.floor((hour % 24) * HOUR + random.next() * MINUTE)
}

/** What the holder of an account pays and is paid in `[start, until)`. */
export function ordinaryIntents(
  random: Random,
  account: string,
  habits: Habits,
  start: Micros,
  until: Micros,
): readonly Intent[] {
  const intents: Intent[] = []
  let abroad: Country | undefined
  for (let day = start; day < until; day += DAY) {
    // A trip begins now and then, and lasts some days.
    abroad = abroad === undefined ? (random.next() < 0.008 ? oneOf(random, COUNTRIES.slice(1, 6)) : undefined) : abroad
    if (random.next() < 0.15) abroad = undefined
    const date = new Date(day / 1000).getUTCDate()
    if (date === 25 && habits.salary > 0)
      intents.push({ ...given(account, day + 5 * HOUR), amount: habits.salary, counterparty: `E${account.slice(-4)}` })
    if (date === 1 && habits.rent > 0)
      intents.push({
        ...taken(account, day + 6 * HOUR, 'CH'),
        amount: habits.rent,
        channel: 'standing',
        counterparty: habits.people[0] ?? 'P00000',
      })
    // Some days are for shopping: many payments within hours, also to new merchants.
    const shopping = random.next() < 0.02
    for (let left = countOf(random, habits.cards * (shopping ? 5 : 1)); left > 0; left--) {
      const isNew = random.next() < habits.curiosity * (abroad === undefined ? 1 : 4) * (shopping ? 2 : 1)
      intents.push({
        ...taken(account, instantOn(random, day, habits.nightly), abroad ?? (random.next() < 0.03 ? 'DE' : 'CH')),
        amount: amountOf(random, habits.level, habits.spread),
        channel: random.next() < 0.8 ? 'card' : 'web',
        counterparty: isNew ? merchant(random) : oneOf(random, habits.merchants),
      })
    }
    for (let left = countOf(random, habits.transfers); left > 0; left--)
      intents.push({
        ...taken(
          account,
          instantOn(random, day, habits.nightly),
          random.next() < 0.08 ? oneOf(random, COUNTRIES) : 'CH',
        ),
        amount: amountOf(random, habits.level + 2, 0.8),
        channel: random.next() < 0.5 ? 'web' : random.next() < 0.8 ? 'mobile' : 'branch',
        counterparty: random.next() < habits.curiosity * 2.5 ? person(random) : oneOf(random, habits.people),
      })
  }
  return intents.filter(({ at }) => at >= start && at < until)
}

function amountOf(random: Random, level: number, spread: number): Cents {
  const cents = Math.round(Math.exp(level + spread * random.normal()))
  // Half of all prices end in 5 or 0.
  return Math.max(50, random.next() < 0.5 ? Math.round(cents / 5) * 5 : cents)
}

type Side = Pick<Intent, 'at' | 'account' | 'direction' | 'channel' | 'country'>

function given(account: string, at: Micros): Side {
  return { at, account, direction: 'in', channel: 'standing', country: 'CH' }
}

function taken(account: string, at: Micros, country: Country): Side {
  return { at, account, direction: 'out', channel: 'web', country }
}
