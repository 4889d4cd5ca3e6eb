import { oneOf, type Random } from '@martlet/example-logistics/random'
import { person } from './people.ts'
import { COUNTRIES, DAY, HOUR, MINUTE, type Account, type Channel, type Country, type Micros } from './rows.ts'

/** A payment of a takeover: so much of what is left in the account. */
export interface Grab {
  readonly at: Micros
  readonly share: number
  readonly channel: Channel
  readonly counterparty: string
  readonly country: Country
}

/** Somebody gets into an account: changes what would stop or warn the holder, and then pays others in a burst. */
export interface Takeover {
  readonly account: Account
  readonly at: Micros
  readonly changes: readonly ('address' | 'limit')[]
  readonly grabs: readonly Grab[]
  /** When the holder reports all of it; undefined: never. */
  readonly reportedAt: Micros | undefined
}

/** Accounts of front men change every few weeks, and several takeovers use the same. */
const FRONT_MEN = 5
const WEEKS = 21 * DAY

export function frontMan(random: Random, at: Micros): string {
  const season = Math.floor(at / WEEKS)
  return `P9${String(((season * 7 + Math.floor(random.next() * FRONT_MEN)) * 37) % 10_000).padStart(4, '0')}`
}

const KINDS = [[], ['limit'], ['limit'], ['limit'], ['address'], ['address'], ['address', 'limit']] as const

export function randomTakeover(random: Random, account: Account, at: Micros): Takeover {
  const changes = oneOf(random, KINDS)
  let time = at + Math.floor(10 * MINUTE + random.next() ** 3 * 30 * HOUR)
  const grabs: Grab[] = []
  for (let left = 3 + Math.floor(random.next() * 5); left > 0; left--) {
    grabs.push({
      at: time,
      share: 0.08 + random.next() * 0.32,
      channel: random.next() < 0.7 ? 'web' : 'mobile',
      counterparty: random.next() < 0.6 ? frontMan(random, time) : person(random),
      country: random.next() < 0.5 ? 'CH' : oneOf(random, COUNTRIES.slice(1)),
    })
    time += Math.floor(MINUTE + random.next() * 11 * MINUTE)
  }
  const reported = random.next() < 0.93
  return { account, at, changes, grabs, reportedAt: reported ? time + Math.floor(random.next() * 6 * DAY) : undefined }
}
