import { z } from 'zod'
import type { Channel, Country } from '../bank/rows.ts'

/** A payment that somebody asks for. */
export interface Asked {
  readonly account: string
  readonly counterparty: string
  readonly amount: number
  readonly channel: Channel
  readonly country: Country
}

const predicted = z.object({
  rows: z.array(z.object({ prediction: z.object({ probability: z.number() }).nullable() })),
})
const features = z.object({
  rows: z.array(z.object({ values: z.record(z.string(), z.unknown()) })),
})
const pushed = z.object({ accepted: z.int(), repeated: z.int(), rejected: z.array(z.unknown()) })

async function post(url: string, body: string, type = 'application/json'): Promise<unknown> {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': type }, body })
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`)
  return response.json()
}

function question({ account, counterparty, amount, channel, country }: Asked): object {
  return { keys: [{ account_id: account, counterparty }], request: [{ amount, channel, country }] }
}

/** How likely it is that a payment is not its customer's own. */
export async function score(url: string, asked: Asked): Promise<number> {
  const { rows } = predicted.parse(
    await post(`${url}/v1/models/payment_fraud/predict`, JSON.stringify(question(asked))),
  )
  const probability = rows[0]?.prediction?.probability
  if (probability === undefined) throw new Error(`there is no prediction for ${JSON.stringify(asked)}`)
  return probability
}

/** The values of the service as they are served now. */
export async function served(url: string, asked: Asked): Promise<Readonly<Record<string, unknown>>> {
  const { rows } = features.parse(await post(`${url}/v1/features/payment_fraud`, JSON.stringify(question(asked))))
  return rows[0]?.values ?? {}
}

/** Pushes events; resolves when they are durable. */
export async function push(url: string, source: string, events: readonly string[]): Promise<void> {
  const answer = pushed.parse(await post(`${url}/v1/push/${source}`, events.join('\n'), 'application/x-ndjson'))
  if (answer.accepted !== events.length)
    throw new Error(
      `of ${events.length} events of ${source} ${answer.accepted} were accepted: ${JSON.stringify(answer)}`,
    )
}
