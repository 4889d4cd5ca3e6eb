import { setTimeout as sleep } from 'node:timers/promises'
import type { Route } from '../../../src/http/route.ts'
import { openConnection, type Connection } from '../support/connection.ts'
import { drawFrom, type Draw } from './draw.ts'
import { hostileRequests } from './hostile-request.ts'

export interface AttackOptions {
  readonly port: number
  readonly routes: readonly Route[]
  /** Names that exist, and others: what stands where a text is asked for. */
  readonly words: readonly [string, ...string[]]
  readonly requests: number
  readonly seed: number
  /** The share of bodies that are said to be compressed. @default 0.03 */
  readonly encodings?: number
  /** Connections at once. @default 24 */
  readonly connections?: number
  /** Ends it early; what was sent by then is reported. */
  readonly signal?: AbortSignal
}

export interface AttackReport {
  readonly sent: number
  /** Answers by status, those to requests that break HTTP included. */
  readonly statuses: ReadonlyMap<number, number>
  /** Statuses by route, of requests that obey HTTP. */
  readonly routes: ReadonlyMap<string, ReadonlyMap<number, number>>
  /** Answers with a 5xx that is neither a limit at work nor a 501 that the route describes. */
  readonly failures: number
  /** Requests by what was wrong with how they were sent. */
  readonly faults: ReadonlyMap<string, number>
  /** Statuses by how the body was compressed, of requests that obey HTTP. */
  readonly encodings: ReadonlyMap<string, ReadonlyMap<number, number>>
  /** Requests without an answer that need none, by why. */
  readonly unanswered: ReadonlyMap<string, number>
  /** Requests that obey HTTP and got no answer, or a 5xx that is no limit: as they were sent, the first few. */
  readonly wrong: readonly string[]
}

/** Milliseconds in which any answer must have come. */
const PATIENCE_MS = 20_000
/** Milliseconds that a request which breaks HTTP is waited for; the server may well wait for more of it. */
const FAULT_MS = 40
const SHOWN = 10
/** Bytes that the buffers of a connection hold in any case. */
const LONG = 65_536

/** Sends hostile requests to a server and counts what it answers. */
export async function attack(options: AttackOptions): Promise<AttackReport> {
  const { port, requests, seed, connections = 24, signal } = options
  const next = hostileRequests(options.routes, options.words, options.encodings)
  const statuses = new Map<number, number>()
  const routes = new Map<string, Map<number, number>>()
  const faults = new Map<string, number>()
  const encodings = new Map<string, Map<number, number>>()
  const unanswered = new Map<string, number>()
  const wrong: string[] = []
  const unimplemented = new Set(
    options.routes.flatMap(({ method, path, problems }) => (problems.includes(501) ? [`${method} ${path}`] : [])),
  )
  let sent = 0
  let failures = 0

  const complain = (what: string, bytes: Buffer): void => {
    if (wrong.length < SHOWN) wrong.push(`${what}: ${JSON.stringify(bytes.toString('latin1').slice(0, 1500))}`)
  }
  const noteStatus = (status: number, route: string, bytes: Buffer): void => {
    add(statuses, status)
    if (status < 500 || isLimit(status) || (status === 501 && unimplemented.has(route))) return
    failures++
    complain(String(status), bytes)
  }

  async function lane(draw: Draw): Promise<void> {
    let connection: Connection | undefined
    while (sent < requests && signal?.aborted !== true) {
      sent++
      const { route, bytes, fault, encoding } = next(draw, 0.04)
      if (fault !== undefined) {
        add(faults, fault)
        const answers = await sendFaulty(port, bytes, draw)
        for (const status of answers) noteStatus(status, route, bytes)
        if (answers.length === 0) add(unanswered, 'broken HTTP')
        continue
      }
      connection ??= openConnection(port)
      const answer = await exchanged(connection, bytes, draw)
      // A refusal may be lost where the connection is closed with more of the body than its buffers hold still on the way.
      if (answer === undefined && bytes.length > LONG) add(unanswered, 'cut while sending a long body')
      else if (answer === undefined) complain('no answer', bytes)
      else {
        noteStatus(answer.status, route, bytes)
        add(inner(routes, route), answer.status)
        if (encoding !== undefined) add(inner(encodings, encoding), answer.status)
      }
      if (answer === undefined || answer.headers['connection'] === 'close') {
        connection.socket.destroy()
        connection = undefined
      }
    }
    connection?.socket.destroy()
  }

  // Seeds of lanes are far apart, so that no two draw the same.
  await Promise.all(Array.from({ length: connections }, (_, index) => lane(drawFrom(seed * 1009 + index * 7_919_993))))
  return { sent, statuses, routes, failures, faults, encodings, unanswered, wrong }
}

/** 503 and 504 are limits doing their work. */
export function isLimit(status: number): boolean {
  return status === 503 || status === 504
}

/** Most requests are sent at once, some in pieces, a few slowly. */
async function exchanged(connection: Connection, bytes: Buffer, draw: Draw) {
  const { socket } = connection
  const patience = setTimeout(() => socket.destroy(), PATIENCE_MS)
  if (draw.chance(0.97)) socket.write(bytes)
  else {
    const pieces = draw.one([2, 3, 8])
    const size = Math.ceil(bytes.length / pieces)
    for (let from = 0; from < bytes.length; from += size) {
      socket.write(bytes.subarray(from, from + size))
      await sleep(draw.one([0, 1, 5]))
    }
  }
  const answer = await connection.answer()
  clearTimeout(patience)
  return answer
}

/** Sends what breaks HTTP on a connection of its own, ends it in one of several ways, and returns the statuses that came. */
async function sendFaulty(port: number, bytes: Buffer, draw: Draw): Promise<readonly number[]> {
  const connection = openConnection(port)
  const { socket } = connection
  socket.write(bytes)
  const statuses: number[] = []
  const reading = (async () => {
    for (let answer = await connection.answer(); answer !== undefined; answer = await connection.answer())
      if (Number.isInteger(answer.status)) statuses.push(answer.status)
  })()
  const ending = draw.below(4)
  if (ending === 0) socket.end()
  if (ending === 1) socket.resetAndDestroy()
  await Promise.race([reading, sleep(FAULT_MS)])
  socket.destroy()
  await reading
  return statuses
}

function inner(counts: Map<string, Map<number, number>>, key: string): Map<number, number> {
  const own = counts.get(key) ?? new Map<number, number>()
  counts.set(key, own)
  return own
}

function add<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
