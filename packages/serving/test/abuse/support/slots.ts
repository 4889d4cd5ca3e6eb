import { expect } from 'vitest'
import { openConnection, requestText } from './connection.ts'
import type { ServingProcess } from './serving-process.ts'

const body = JSON.stringify({ keys: [{ customer_id: 'c1' }] })

/**
 * Proves that `slots` slots of one key are free: holds that many at once by keeping back the last byte of each body, then lets
 * all go on to a 200. Tried again when the machine was too slow for the deadline, which a slot that is lost does not mend.
 */
export async function holdEverySlot(server: ServingProcess, slots: number, key = 'greedy'): Promise<void> {
  const text = requestText('POST', `${server.prefix}/v1/features/small`, { key, body })
  await expect.poll(async () => {
    const connections = Array.from({ length: slots }, () => openConnection(server.port))
    for (const { write } of connections) write(text.slice(0, -1))
    for (let tries = 0; tries < 50 && (await server.slots()) < slots; tries++);
    for (const { write } of connections) write(text.slice(-1))
    const answers = await Promise.all(connections.map((connection) => connection.answer()))
    for (const { socket } of connections) socket.destroy()
    return answers.filter((answer) => answer?.status !== 200).length
  }, { timeout: 5000, interval: 100, message: `requests of ${slots} at once without a 200` }).toBe(0)
}
