import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { describedRoutes } from '../../../src/openapi-document.ts'
import { startServer } from '../support/serving-process.ts'
import { attack } from './attack.ts'
import { words } from './words.ts'

const routes = describedRoutes('0')
const seed = Number(process.env['MARTLET_SEED'])
const runs = Math.max(0.5, Number(process.env['MARTLET_RUNS']))

test(
  'hostile requests to every route: no 5xx that is not a limit, no crash, flat memory',
  { timeout: 300_000 },
  async () => {
    await using server = await startServer()
    const { port } = server
    await attack({ port, routes, words, requests: 1000, seed })
    const before = await server.collect()
    const report = await attack({ port, routes, words, requests: Math.ceil(4000 * runs), seed: seed + 1 })
    const after = await server.collect()
    expect(report.wrong).toEqual([])
    expect(report.failures).toBe(0)
    expect(server.complaints()).toBe('')
    expect(server.isAlive()).toBe(true)
    expect(after - before).toBeLessThan(24)
    // What is sent gets through to every handler, and is not just refused at the door. Routes that few were drawn for get more.
    for (const route of routes) {
      const name = `${route.method} ${route.path}`
      const isPage = route.body === undefined && Object.keys(route.parameters).length === 0
      if ((report.routes.get(name)?.size ?? 0) >= (isPage ? 1 : 2)) continue
      const more = await attack({ port, routes: [route], words, requests: 150, seed: seed + 2 })
      expect(more.wrong).toEqual([])
      expect([name, (more.routes.get(name)?.size ?? 0) >= (isPage ? 1 : 2)]).toEqual([name, true])
    }
    expect(report.statuses.get(200)).toBeGreaterThan(50)
    expect(report.faults.size).toBeGreaterThan(15)
    // A bomb is too large, or refused before it is looked at; it is never let through.
    const reading = routes.filter(({ method, path }) => `${method} ${path}` === 'POST /v1/features/:service')
    const compressed = await attack({ port, routes: reading, words, requests: 300, encodings: 1, seed: seed + 3 })
    expect(compressed.wrong).toEqual([])
    const bombs = [...report.encodings, ...compressed.encodings].filter(([kind]) => kind.includes('bomb'))
    const answers = bombs.flatMap(([kind, counts]) => (kind === 'nested bomb' ? [] : [...counts.keys()]))
    expect(answers).toContain(413)
    expect(answers).not.toContain(200)
  },
)

test('a server that fails now and then, and one that does not answer, are found out', async () => {
  let asked = 0
  const server = createServer((request, response) => {
    request.resume()
    if (++asked % 50 === 0) response.statusCode = 500
    if (asked % 70 === 0) request.socket.destroy()
    else response.end('{}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const report = await attack({ port, routes, words, requests: 400, seed, connections: 2 })
  server.closeAllConnections()
  server.close()
  expect(report.failures).toBe(report.statuses.get(500))
  expect(report.failures).toBeGreaterThan(0)
  expect(report.wrong.some((one) => one.startsWith('500: '))).toBe(true)
  expect(report.wrong.some((one) => one.startsWith('no answer: '))).toBe(true)
})
