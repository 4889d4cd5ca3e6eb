/**
 * One load of the benchmark, in a process of its own: raw sockets, one request at a time on each, fresh keys in every request.
 * With a rate, requests are sent every millisecond, as many as are due, and latency counts from then even when all sockets are
 * busy, so a stall of the server is not hidden.
 *
 * node bench/http/load.ts <port> <small|large|predict|path*rows|path*JSON> <connections> <seconds> [requests a second] [auth]
 *
 * `path*JSON` sends that body, with a fresh number in every `customer-000000` in it.
 */
import { connection, templateOf } from './connection.ts'

const [port, service, connections, seconds, rate = 0] = process.argv
  .slice(2, 7)
  .map((text, index) => (index === 1 ? text : Number(text)))
const template = templateOf(String(service), process.argv[7] === 'auth' ? 'bench key' : undefined)

const latencies: number[] = []
let other = 0
let answered = 0
let measuring = false
let stopped = false
const start = performance.now() + 500
const end = start + Number(seconds) * 1000

/** One connection, whose answers are counted. */
function lane(): { ask(due: number, done: () => void): void } {
  const { ask } = connection(Number(port), template)
  return {
    ask: (due, done) =>
      ask((ok) => {
        answered++
        if (measuring) latencies.push(performance.now() - due)
        if (!ok) other++
        done()
      }),
  }
}

const lanes = Array.from({ length: Number(connections) }, lane)
setTimeout(() => (measuring = true), 500)
if (rate === 0) {
  for (const each of lanes) {
    const again = (): void => (stopped ? undefined : each.ask(performance.now(), again))
    again()
  }
} else {
  const idle = [...lanes]
  const waiting: number[] = []
  let next = performance.now()
  const give = (): void => {
    while (idle.length > 0 && waiting.length > 0) {
      const each = idle.pop()
      const due = waiting.shift()
      if (each === undefined || due === undefined) return
      each.ask(due, () => {
        idle.push(each)
        give()
      })
    }
  }
  const pace = (): void => {
    if (stopped) return
    // What is due since the last tick is sent together and counts from now; what a stall of this process has missed is left out.
    const now = performance.now()
    next = Math.max(next, now - 4)
    for (; next <= now; next += 1000 / Number(rate)) waiting.push(now)
    give()
    setTimeout(pace, 1)
  }
  pace()
}
setTimeout(() => {
  stopped = true
  const measured = (performance.now() - start) / 1000
  const sorted = Float64Array.from(latencies).sort()
  const quantile = (q: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN
  process.stdout.write(
    JSON.stringify({
      perSecond: sorted.length / measured,
      p50: quantile(0.5),
      p99: quantile(0.99),
      p999: quantile(0.999),
      max: quantile(1),
      other,
      answered,
      clientCpu: (process.cpuUsage().user + process.cpuUsage().system) / answered,
    }),
  )
  process.exit(0)
}, end - performance.now())
