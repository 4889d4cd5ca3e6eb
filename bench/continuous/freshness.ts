// Pushes payments at a steady rate and measures, after each acknowledgement, how long it takes until an answer has the event:
// `npx node --conditions=@martlet/source bench/continuous/freshness.ts --rate 2000 --seconds 30`.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { microsText } from '../../packages/feature-store/test/continuous/made-events.ts'
import { ended, startServer } from './kills-run.ts'

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '2000' },
    seconds: { type: 'string', default: '10' },
    batch: { type: 'string', default: '50' },
  },
})
const [rate, seconds, batch] = [values.rate, values.seconds, values.batch].map(Number) as [number, number, number]
const ACCOUNTS = 1000
const folder = await mkdtemp(join(tmpdir(), 'martlet-freshness-'))
const server = await startServer(folder)
let next = 0
const sums = new Map<string, number>()

function payment(account: string): object {
  sums.set(account, (sums.get(account) ?? 0) + 1)
  // A millisecond before now: an event of this very instant is not before it.
  const at = microsText(BigInt(Date.now() - 1) * 1000n)
  return {
    payment_id: `p-${next++}`,
    account_id: account,
    at,
    seq: 0,
    amount: 1,
    fee: null,
    kind: 'card',
    foreign_country: null,
  }
}

async function post(path: string, body: unknown): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
  return response.json()
}

async function served(account: string): Promise<number> {
  const answer = (await post('/v1/features/fraud', { keys: [{ account_id: account }] })) as {
    readonly rows: readonly { readonly values: Readonly<Record<string, number | null>> }[]
  }
  return answer.rows[0]?.values['velocity__ever'] ?? 0
}

const pushes: number[] = []
const lags: number[] = []
const begun = performance.now()
const due = (turn: number): number => begun + (turn * batch * 1000) / rate
const turns = Math.ceil((rate * seconds) / batch)
const working: Promise<void>[] = []
for (let turn = 0; turn < turns; turn++) {
  const wait = due(turn) - performance.now()
  if (wait > 0) await sleep(wait)
  working.push(
    (async () => {
      const marked = `marked-${turn}`
      const start = performance.now()
      const others = Array.from({ length: batch - 1 }, () => payment(`acc-${Math.floor(Math.random() * ACCOUNTS)}`))
      await post('/v1/push/payments', [...others, payment(marked)])
      const acknowledged = performance.now()
      pushes.push(acknowledged - start)
      while ((await served(marked)) < 1) await sleep(1)
      lags.push(performance.now() - acknowledged)
    })(),
  )
}
await Promise.all(working)
const took = (performance.now() - begun) / 1000
const at = (of: readonly number[], share: number): string =>
  (of.toSorted((a, b) => a - b)[Math.min(of.length - 1, Math.floor(of.length * share))] ?? 0).toFixed(2)
console.log(`${next} events in ${took.toFixed(1)} s: ${(next / took).toFixed(0)} a second, in requests of ${batch}`)
console.log(`push to acknowledged:   p50 ${at(pushes, 0.5)} ms, p99 ${at(pushes, 0.99)} ms`)
console.log(`acknowledged to served: p50 ${at(lags, 0.5)} ms, p99 ${at(lags, 0.99)} ms`)
await ended(server.child)
await rm(folder, { recursive: true, force: true })
process.exitCode = 0
