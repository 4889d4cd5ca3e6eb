import { subscribe } from 'node:diagnostics_channel'
import { openDouble } from './double/open-double.ts'
import { sql } from 'kysely'

// Opens, reads and closes, and reports which hosts it connected to.
const hosts = new Set<string>()
subscribe('net.client.socket', (message) => {
  const socket = typeof message === 'object' && message !== null && 'socket' in message ? message.socket : undefined
  if (socket instanceof Object && 'once' in socket && typeof socket.once === 'function') {
    socket.once('connectionAttempt', (ip: string, port: number) => hosts.add(`${ip}:${port}`))
  }
})
const warehouse = await openDouble({ url: process.argv[2] ?? '' })
await warehouse.read(sql`SELECT 1 AS one`)
await warehouse.close()
process.send?.([...hosts])
process.disconnect?.()
