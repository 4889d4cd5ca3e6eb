import { connect, type Socket } from 'node:net'

/** Digits of an entity's number, and how many entities there are; neighbours in one request are far apart. */
const [DIGITS, ENTITIES, STEP] = [6, 10_000, 7919]
let drawn = Math.floor(Math.random() * ENTITIES)

/** A request as it is sent, with a fresh number in every `customer-000000` of its body each time. */
export interface Template {
  readonly bytes: Buffer
  readonly places: readonly number[]
}

/**
 * @param service a service of the fixture, `predict`, or a path with the number of keys or with the body to send: `/path*rows`,
 * `/path*{…}`
 * @param bearer what proves who is calling; undefined for nothing
 */
export function templateOf(service: string, bearer: string | undefined): Template {
  const [path, asked] = service.startsWith('/')
    ? [service.split('*', 1)[0], service.slice(service.indexOf('*') + 1)]
    : service === 'predict'
      ? ['/v1/models/sum/predict', '1']
      : [`/v1/features/${service}`, service === 'small' ? '1' : '100']
  const body = asked.startsWith('{')
    ? asked
    : JSON.stringify({
        keys: Array.from({ length: Number(asked) }, () => ({ customer_id: `customer-${'0'.repeat(DIGITS)}` })),
      })
  const bytes = Buffer.from(
    `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${bearer === undefined ? '' : `authorization: Bearer ${bearer}\r\n`}` +
      `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  )
  const places = [...bytes.toString('latin1').matchAll(/customer-/g)].map((match) => match.index + match[0].length)
  return { bytes, places }
}

/** Puts other keys into a request, so that all entities are asked for in turn. */
function withFreshKeys(request: Buffer, places: readonly number[]): Buffer {
  for (const place of places) {
    drawn = (drawn + STEP) % ENTITIES
    for (let digit = DIGITS - 1, rest = drawn; digit >= 0; digit--, rest = Math.trunc(rest / 10))
      request[place + digit] = 0x30 + (rest % 10)
  }
  return request
}

/** One connection on which one request is under way at a time. */
export interface Connection {
  /** Calls back when the answer has arrived whole. */
  ask(done: (ok: boolean) => void): void
  close(): void
}

/** Connects anew when an answer says that its connection ends. */
export function connection(port: number, { bytes, places }: Template): Connection {
  let socket = opened()
  const request = Buffer.from(bytes)
  let left = 0
  let head = ''
  let finish: ((ok: boolean) => void) | undefined
  function opened(): Socket {
    const fresh = connect(port, '127.0.0.1').setNoDelay(true).on('data', take)
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
    ask(done) {
      finish = done
      socket.write(withFreshKeys(request, places))
    },
    close: () => socket.destroy(),
  }
}
