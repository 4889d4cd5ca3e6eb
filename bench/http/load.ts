/**
 * One load of the benchmark, in a process of its own: raw sockets, one request at a time on each, fresh keys in every request.
 * With a rate, requests are sent every millisecond, as many as are due, and latency counts from then even when all sockets are
 * busy, so a stall of the server is not hidden.
 *
 * node bench/http/load.ts <port> <small|large|predict|path*rows|path*JSON> <connections> <seconds> [requests a second] [auth]
 *
 * `path*JSON` sends that body, with a fresh number in every `customer-000000` in it.
 */
import { connect, type Socket } from 'node:net'

const [port, service, connections, seconds, rate = 0] = process.argv
  .slice(2, 7)
  .map((text, index) => (index === 1 ? text : Number(text)))
const auth = process.argv[7] === 'auth' ? 'authorization: Bearer bench key\r\n' : ''
const [path, asked] = String(service).startsWith('/')
  ? [String(service).split('*', 1)[0], String(service).slice(String(service).indexOf('*') + 1)]
  : service === 'predict'
    ? ['/v1/models/sum/predict', '1']
    : [`/v1/features/${service}`, service === 'small' ? '1' : '100']

/** Digits of an entity's number, and how many entities there are; neighbours in one request are far apart. */
const [DIGITS, ENTITIES, STEP] = [6, 10_000, 7919]
const body = asked.startsWith('{')
  ? asked
  : JSON.stringify({
      keys: Array.from({ length: Number(asked) }, () => ({ customer_id: `customer-${'0'.repeat(DIGITS)}` })),
    })
const template = Buffer.from(
  `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${auth}content-type: ` +
    `application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
)
const places = [...template.toString('latin1').matchAll(/customer-/g)].map((match) => match.index + match[0].length)
let drawn = Math.floor(Math.random() * ENTITIES)

/** Puts other keys into a request, so that all entities are asked for in turn. */
function withFreshKeys(request: Buffer): Buffer {
  for (const place of places) {
    drawn = (drawn + STEP) % ENTITIES
    for (let digit = DIGITS - 1, rest = drawn; digit >= 0; digit--, rest = Math.trunc(rest / 10))
      request[place + digit] = 0x30 + (rest % 10)
  }
  return request
}

const latencies: number[] = []
let other = 0
let answered = 0
let measuring = false
let stopped = false
const start = performance.now() + 500
const end = start + Number(seconds) * 1000

/** Calls back when the answer has arrived whole. Connects anew when an answer says that its connection ends. */
function lane(): { ask(due: number, done: () => void): void } {
  let socket = opened()
  const request = Buffer.from(template)
  let left = 0
  let head = ''
  let finish: ((ok: boolean) => void) | undefined
  function opened(): Socket {
    const fresh = connect(Number(port), '127.0.0.1').setNoDelay(true).on('data', take)
    // Servers that recycle their processes end connections under way: that request had no answer.
    return fresh.on('error', () => {
      if (fresh !== socket) return
      socket = opened()
      head = ''
      left = 0
      finish?.(false)
    })
  }
  function take(chunk: Buffer): void {
    let length = chunk.length
    if (left === 0) {
      head += chunk.toString('latin1')
      const split = head.indexOf('\r\n\r\n')
      if (split === -1) return
      left = Number(/content-length: (\d+)/i.exec(head)?.[1])
      length = head.length - split - 4
    }
    left -= length
    if (left > 0) return
    const ok = head.startsWith('HTTP/1.1 200')
    if (/\r\nconnection: close\r\n/i.test(head)) {
      socket.destroy()
      socket = opened()
    }
    head = ''
    left = 0
    finish?.(ok)
  }
  return {
    ask(due, done) {
      finish = (ok) => {
        answered++
        if (measuring) latencies.push(performance.now() - due)
        if (!ok) other++
        done()
      }
      socket.write(withFreshKeys(request))
    },
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
