import type { Bank } from '../bank/bank.ts'
import { messagesOf } from '../change/envelope.ts'
import { recordText } from '../change/write-events.ts'
import { push, score, served, type Asked } from './http.ts'
import type { LivePayment } from './live-payments.ts'

export interface Decision {
  readonly payment: LivePayment
  readonly score: number
  /** Whether it was stopped. */
  readonly alert: boolean
}

export interface Decided {
  readonly decisions: readonly Decision[]
  /** Milliseconds from the answer to a push to the answer that counts it. */
  readonly freshness: readonly number[]
  /** Milliseconds that a decision took. */
  readonly latency: readonly number[]
}

/**
 * Decides payments one after another: those that are let through are booked, pushed as the change that the bank's database makes of
 * them, and must be seen by the next answer about the account.
 *
 * @throws Error when an answer after a push does not count the payment
 */
export async function decide(
  url: string,
  bank: Bank,
  payments: readonly LivePayment[],
  threshold: number,
): Promise<Decided> {
  const decisions: Decision[] = []
  const freshness: number[] = []
  const latency: number[] = []
  for (const payment of payments) {
    const { account, counterparty, amount, channel, country } = payment
    const asked: Asked = { account, counterparty, channel, country, amount: amount / 100 }
    const began = performance.now()
    const probability = await score(url, asked)
    latency.push(performance.now() - began)
    const alert = probability >= threshold
    decisions.push({ payment, score: probability, alert })
    if (alert) continue
    const before = await served(url, asked)
    const booked = bank.pay({ ...payment, direction: 'out', at: Date.now() * 1000 })
    const change = bank.newestChange
    // The account may not have it, or its customer may not send so much in a day.
    if (booked === undefined || change === undefined) continue
    await push(url, 'transactions', messagesOf(change).map(recordText))
    const acknowledged = performance.now()
    const after = await served(url, asked)
    freshness.push(performance.now() - acknowledged)
    if (Number(after['acquaintance__payments']) !== Number(before['acquaintance__payments']) + 1)
      throw new Error(`a payment of ${account} to ${counterparty} is not counted after it was pushed`)
    if (Number(after['velocity__payments_5m']) < 1)
      throw new Error(`a payment of ${account} is not among those of the last five minutes`)
  }
  return { decisions, freshness, latency }
}
