import { openConnection, type Connection } from './connection.ts'

/** Sends `count` requests over `lanes` kept connections, one at a time on each. Returns how many had each status; 0: no answer. */
export async function sendAll(
  port: number,
  count: number,
  lanes: number,
  request: (index: number) => string,
): Promise<ReadonlyMap<number, number>> {
  const statuses = new Map<number, number>()
  let next = 0
  const lane = async (): Promise<void> => {
    let connection: Connection | undefined
    while (next < count) {
      connection ??= openConnection(port)
      connection.write(request(next++))
      const answer = await connection.answer()
      const status = answer?.status ?? 0
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      if (answer !== undefined && answer.headers['connection'] !== 'close') continue
      connection.socket.destroy()
      connection = undefined
    }
    connection?.socket.destroy()
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return statuses
}

/** The keys of the first `count` customers, as the body of a read. */
export function readBody(count: number, features?: readonly string[]): string {
  return JSON.stringify({
    keys: Array.from({ length: count }, (_, index) => ({ customer_id: `c${index}` })),
    ...(features === undefined ? {} : { features }),
  })
}
