import { readFileSync } from 'node:fs'
import { copyFile, writeFile } from 'node:fs/promises'
import { request as plain } from 'node:http'
import { request } from 'node:https'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { Hono } from 'hono'
import { expect, onTestFinished, test } from 'vitest'
import { hashApiKey, listen } from '../../src/index.ts'
import { temporaryFolder } from '../support/backing.ts'
import { serveEnergy } from '../support/serve.ts'
import { startWorkers } from '../workers/support/start.ts'

const fixture = (name: string): string => join(import.meta.dirname, '../fixtures/tls', name)
const ca = ['first', 'second'].map((name) => readFileSync(fixture(`${name}.cert.pem`)))

interface Got {
  readonly status: number | undefined
  readonly text: string
  /** The name in the certificate that the server has shown. */
  readonly shown: unknown
}

function get(url: string, headers: Record<string, string> = {}): Promise<Got> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { ca, headers, agent: false }, (incoming) => {
      const shown = (incoming.socket as TLSSocket).getPeerCertificate().subject.CN
      incoming.setEncoding('utf8')
      let text = ''
      incoming.on('data', (part: string) => (text += part))
      incoming.on('end', () => resolve({ status: incoming.statusCode, text, shown }))
    })
    sent.on('error', reject)
    sent.end()
  })
}

async function files(of: string) {
  const folder = await temporaryFolder()
  const tls = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
  const take = async (from: string) => {
    await copyFile(fixture(`${from}.cert.pem`), tls.cert)
    await copyFile(fixture(`${from}.key.pem`), tls.key)
  }
  await take(of)
  return { tls, take }
}

test('hot routes and others answer over TLS; a new certificate is shown without a restart, a broken one is not', async () => {
  const { tls, take } = await files('first')
  const app = await serveEnergy({
    auth: { keys: [{ name: 'ann', sha256: hashApiKey('secret'), scopes: ['features:read', 'catalog:read'] }] },
  })
  const failures: string[] = []
  const server = await listen(app, {
    port: 0,
    signals: false,
    tls,
    onError: ({ error }) => failures.push(error instanceof Error ? error.message : String(error)),
  })
  onTestFinished(() => server.close())
  expect(server.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/)
  const headers = { authorization: 'Bearer secret' }
  const hot = await new Promise<number | undefined>((resolve, reject) => {
    const options = { ca, method: 'POST', headers: { ...headers, 'content-type': 'application/json' } }
    const sent = request(`${server.url}/v1/features/next_day`, options, (incoming) => {
      incoming.resume()
      resolve(incoming.statusCode)
    })
    sent.on('error', reject)
    sent.end('{"keys":[{"customer_id":"a"}]}')
  })
  expect(hot).toBe(200)
  expect(await get(`${server.url}/v1/catalog`, headers)).toMatchObject({ status: 200, shown: 'first' })
  expect((await get(`${server.url}/v1/catalog`)).status).toBe(401)
  // Without TLS there is no answer.
  await expect(
    new Promise((resolve, reject) => {
      plain(`${server.url.replace('https', 'http')}/health/live`, resolve)
        .on('error', reject)
        .end()
    }),
  ).rejects.toThrow(/socket hang up|ECONNRESET|Parse Error/)

  // The certificate has come, its key has not.
  await copyFile(fixture('second.cert.pem'), tls.cert)
  await expect.poll(() => failures.length, { timeout: 10_000 }).toBe(1)
  expect(failures[0]).toMatch(/^tls: .*cert\.pem and .*key\.pem cannot be used\. /)
  expect(await get(`${server.url}/health/live`)).toMatchObject({ status: 200, shown: 'first' })
  await take('second')
  await expect.poll(async () => (await get(`${server.url}/health/live`)).shown, { timeout: 10_000 }).toBe('second')
})

test('files that cannot be used are refused at the start', async () => {
  const { tls } = await files('first')
  const start = () => listen(new Hono(), { port: 0, signals: false, tls })
  await copyFile(fixture('second.key.pem'), tls.key)
  await expect(start()).rejects.toMatchObject({ code: 'INVALID_TLS' })
  await writeFile(tls.key, 'no key')
  await expect(start()).rejects.toMatchObject({ code: 'INVALID_TLS' })
})

test('workers speak TLS with the connections that they are given', async () => {
  const { tls } = await files('first')
  const running = await startWorkers('light-worker.ts', { tls }, { workers: 1 })
  const url = running.url.replace(/^http:/, 'https:')
  for (let n = 0; n < 3; n++) expect(await get(url)).toMatchObject({ status: 200, shown: 'first', text: '1' })
})
