import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { alertSender, type Alert } from '../../src/schedule/alerts.ts'
import { redactor } from '../../src/schedule/redact.ts'

const alert: Alert = {
  event: 'failed',
  schedule: 'nightly',
  slot: '2026-06-01T02:00:00.000000Z',
  step: 'materialize',
  exitCode: 1,
  error: 'SOURCE_MISSING: no mart.usage',
  host: 'here',
}

const VARIABLE = 'MARTLET_TEST_WEBHOOK'
const config = { alerts: { webhook: { urlFrom: VARIABLE, timeout: '0.2s' } } }
let bodies: string[]
let answer: (request: IncomingMessage, response: ServerResponse, call: number) => void
const server = createServer((request, response) => {
  let body = ''
  request.setEncoding('utf8').on('data', (part: string) => (body += part))
  request.on('end', () => {
    bodies.push(body)
    answer(request, response, bodies.length)
  })
})

beforeEach(async () => {
  bodies = []
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  vi.stubEnv(VARIABLE, `http://127.0.0.1:${port}/hooks/hunter2`)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const send = (): Promise<string | undefined> => {
  const sender = alertSender(config.alerts, redactor(config), 5)
  if (sender === undefined) throw new Error('no sender')
  return sender(alert)
}

describe('an alert', () => {
  it('is posted as JSON', async () => {
    let type: string | undefined
    answer = (request, response) => {
      type = request.headers['content-type']
      response.writeHead(204).end()
    }
    expect(await send()).toBeUndefined()
    expect(type).toBe('application/json')
    expect(bodies.map((body) => JSON.parse(body) as unknown)).toEqual([alert])
  })

  it('is tried again while the server fails, three times at most', async () => {
    answer = (_, response, call) => void response.writeHead(call < 3 ? 503 : 200).end()
    expect(await send()).toBeUndefined()
    expect(bodies).toHaveLength(3)
    bodies = []
    answer = (_, response) => void response.writeHead(500).end()
    expect(await send()).toBe('the webhook answered 500')
    expect(bodies).toHaveLength(3)
  })

  it('is not repeated when the server does not want it, or sends it elsewhere', async () => {
    answer = (_, response) => void response.writeHead(404).end()
    expect(await send()).toBe('the webhook answered 404')
    expect(bodies).toHaveLength(1)
    answer = (_, response) => void response.writeHead(307, { location: 'http://127.0.0.1:9/' }).end()
    expect(await send()).toMatch(/^the webhook could not be reached: /)
  })

  it('is given up when nothing answers, without the URL in what is told', async () => {
    answer = () => undefined
    expect(await send()).toBe('the webhook could not be reached: no answer within 0.2s')
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    expect(await send()).toBe('the webhook could not be reached: ECONNREFUSED')
    vi.stubEnv(VARIABLE, 'not a URL hunter2')
    expect(await send()).toMatch(/holds no URL/)
    vi.stubEnv(VARIABLE, '')
    const unset = await send()
    expect(unset).toMatch(/^The environment variable MARTLET_TEST_WEBHOOK, .* is not set/)
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  })
})

describe('what is recorded', () => {
  it('has no secret of the configuration, of a step or in a URL', () => {
    const redact = redactor(
      {
        online: { redis: { url: 'redis://user:sesame%21@host' } },
        warehouse: { snowflake: { auth: { tokenFrom: 'TOKEN' } } },
        ...config,
      },
      [['deploy', '--secret', 'key=HASH_KEY', '--secret=other=OTHER']],
      {
        TOKEN: 'pat-hunter2',
        HASH_KEY: 'correct horse',
        OTHER: 'battery',
        [VARIABLE]: 'https://hooks.test/T1/B2/xyz?t=1',
        PATH: '/usr/bin',
      },
    )
    expect(
      redact(
        'pat-hunter2, correct horse; battery: sesame%21 sesame! https://hooks.test/T1/B2/xyz?t=1 /T1/B2/xyz /usr/bin',
      ),
    ).toBe('[redacted], [redacted]; [redacted]: [redacted] [redacted] [redacted] [redacted] /usr/bin')
    expect(redact('postgres://me:secret@db/x failed')).toBe('postgres://[redacted]@db/x failed')
  })
})
