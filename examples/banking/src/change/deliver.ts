import { randomOf } from '@martlet/example-logistics/random'
import type { Change } from '../bank/database.ts'
import { MINUTE, SECOND, type Micros } from '../bank/rows.ts'
import { messagesOf, type ChangeMessage } from './envelope.ts'

/** How a delivery differs from the log, each as a share of the records. */
export interface DeliveryFaults {
  /** Delivered again, seconds to hours later. @default 0.01 */
  readonly repeated: number
  /** Overtaken by what was written in the seconds after it. @default 0.02 */
  readonly reordered: number
  /** Minutes to hours late. @default 0.003 */
  readonly delayed: number
}

export interface Delivered extends ChangeMessage {
  /** When it arrives, microseconds. */
  readonly arrives: Micros
}

export interface Delivery {
  /** In the order of arrival. */
  readonly messages: readonly Delivered[]
  /** How many records each fault has met. */
  readonly met: Readonly<Record<keyof DeliveryFaults, number>>
}

const HOURS = 6 * 60 * MINUTE

/** What a log of changes looks like where it arrives: at least once, mostly in order. */
export function deliver(log: readonly Change[], seed: number, faults: Partial<DeliveryFaults> = {}): Delivery {
  const { repeated = 0.01, reordered = 0.02, delayed = 0.003 } = faults
  const random = randomOf(seed, 0xde11)
  const met = { repeated: 0, reordered: 0, delayed: 0 }
  const messages: Delivered[] = []
  for (const message of log.flatMap((change) => messagesOf(change))) {
    let arrives = message.at
    const fate = random.next()
    if (fate < reordered) {
      arrives += Math.floor(random.next() * 20 * SECOND)
      met.reordered += 1
    } else if (fate < reordered + delayed) {
      arrives += Math.floor(MINUTE + random.next() ** 2 * HOURS)
      met.delayed += 1
    }
    messages.push({ ...message, arrives })
    if (random.next() >= repeated) continue
    met.repeated += 1
    messages.push({ ...message, arrives: arrives + Math.floor(SECOND + random.next() ** 3 * HOURS) })
  }
  return { messages: messages.toSorted((a, b) => a.arrives - b.arrives), met }
}
