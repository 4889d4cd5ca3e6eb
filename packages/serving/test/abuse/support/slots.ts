import { setTimeout as sleep } from 'node:timers/promises'
import { openConnection, requestText } from './connection.ts'
import type { ServingProcess } from './serving-process.ts'

const body = JSON.stringify({ keys: [{ customer_id: 'c1' }] })

/**
 * Proves that `slots` slots of one key are free: holds that many at once by keeping back the last byte of each body. A 504 had
 * its slot as a 200 had, on a machine too slow for the deadline; with a lost slot there is a 503 in every round.
 */
export async function checkEverySlot(server: ServingProcess, slots: number, key = 'greedy'): Promise<void> {
  const text = requestText('POST', `${server.prefix}/v1/features/small`, { key, body })
  const end = performance.now() + 5000
  for (;;) {
    const connections = Array.from({ length: slots }, () => openConnection(server.port))
    for (const { write } of connections) write(text.slice(0, -1))
    for (let tries = 0; tries < 50 && (await server.slots()) < slots; tries++);
    for (const { write } of connections) write(text.slice(-1))
    const answers = await Promise.all(connections.map((connection) => connection.answer()))
    for (const { socket } of connections) socket.destroy()
    const statuses = answers.map((answer) => answer?.status)
    if (statuses.every((status) => status === 200 || status === 504)) return
    if (performance.now() > end)
      throw new Error(`${slots} slots should be free, but all at once were answered ${statuses.join(', ')}`)
    await sleep(100)
  }
}
