import { setTimeout as sleep } from 'node:timers/promises'
import { openConnection, requestText, type Connection, type RawAnswer } from '../../abuse/support/connection.ts'

/** Callers that send one request after another, each on a connection that it keeps as long as the server allows. */
export interface Lanes {
  readonly statuses: ReadonlyMap<number, number>
  /** Lanes whose connection ended without an answer. */
  readonly broken: ReadonlySet<number>
  /** Answers with which the server ended a connection. */
  readonly moved: number
  /** Resolves when the requests under way have been answered. */
  stop(): Promise<void>
}

interface LanesOptions {
  readonly port: number
  readonly lanes: number
  /** The request with a number that counts within a lane. */
  readonly request: (lane: number, count: number) => { readonly path: string; readonly body: string }
  readonly onAnswer?: (answer: RawAnswer, lane: number) => void
}

export function startLanes({ port, lanes, request, onAnswer }: LanesOptions): Lanes {
  const statuses = new Map<number, number>()
  const broken = new Set<number>()
  let [stopped, moved] = [false, 0]
  async function run(lane: number): Promise<void> {
    let connection: Connection | undefined
    for (let count = 0; !stopped; count++) {
      connection ??= openConnection(port)
      const { path, body } = request(lane, count)
      const headers = { 'x-request-id': `lane${lane}-${count}` }
      connection.write(requestText('POST', path, { body, headers }))
      const answer = await connection.answer()
      if (answer === undefined) broken.add(lane)
      else {
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
        onAnswer?.(answer, lane)
        // Enough to have requests under way always; the rest of the machine is for the servers.
        await sleep(2)
        if (answer.headers['connection'] !== 'close') continue
        moved++
      }
      connection.socket.destroy()
      connection = undefined
    }
    connection?.socket.destroy()
  }
  const running = Promise.all(Array.from({ length: lanes }, (_, lane) => run(lane)))
  return {
    statuses,
    broken,
    get moved() {
      return moved
    },
    async stop() {
      stopped = true
      await running
    },
  }
}
