import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { keysOfUrl, type IssuerKeys } from '../../src/http/access/jwt/issuer-keys.ts'
import { tokensOf, type Tokens } from '../../src/http/access/jwt/tokens.ts'
import { AUDIENCE, ISSUER, jwksOf, signed, signer, type Signer } from './support/issuer.ts'

let [ours, next]: Signer[] = []
beforeAll(async () => {
  ;[ours, next] = await Promise.all([signer('one'), signer('next')])
})

type Respond = (outgoing: ServerResponse, incoming: IncomingMessage) => void
const withKeys =
  (...signers: readonly Signer[]): Respond =>
  (outgoing) =>
    outgoing.end(jwksOf(...signers))

interface Source {
  readonly keys: IssuerKeys
  readonly tokens: Tokens
  /** What was asked of the URL. */
  readonly asked: () => number
  respond: Respond
  /** Moves the clock that pauses between attempts are measured with. */
  readonly wait: (milliseconds: number) => void
  readonly failures: string[]
}

/** A URL of keys, and tokens that are checked with them. */
async function source(respond: Respond): Promise<Source> {
  let asked = 0
  const server = createServer((incoming, outgoing) => {
    asked++
    made.respond(outgoing, incoming)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`
  const failures: string[] = []
  let time = 1_000_000
  const keys = keysOfUrl(url, {
    clock: () => time,
    timeoutMs: 200,
    onReload: (failure) => failure !== undefined && failures.push(failure.message),
  })
  const options = { issuer: ISSUER, audience: AUDIENCE, jwks: { url } }
  const made: Source = {
    keys,
    tokens: tokensOf(options, keys, Date.now),
    asked: () => asked,
    respond,
    wait: (milliseconds) => void (time += milliseconds),
    failures,
  }
  onTestFinished(() => {
    keys.close()
    server.closeAllConnections()
    server.close()
  })
  return made
}

const check = async (from: Source, by: Signer): Promise<string> => (await from.tokens.identify(await signed(by))).name

test('keys are fetched once and kept while the URL does not answer', async () => {
  const from = await source(withKeys(ours!))
  for (let n = 0; n < 5; n++) expect(await check(from, ours!)).toBe('ann')
  expect(from.asked()).toBe(1)
  from.respond = (outgoing) => outgoing.destroy()
  await from.keys.refresh()
  expect(from.keys.failure).toMatch(/auth\.jwt\.jwks\.url cannot be read/)
  expect(await check(from, ours!)).toBe('ann')
  await from.keys.refresh()
  // One failure is told once.
  expect(from.failures).toHaveLength(1)
  from.respond = withKeys(ours!)
  await from.keys.refresh()
  expect(from.keys.failure).toBeUndefined()
})

test('a new key is fetched when a token names it; a flood of unknown ones asks once in 30 seconds', async () => {
  const from = await source(withKeys(ours!))
  expect(await check(from, ours!)).toBe('ann')
  from.respond = withKeys(ours!, next!)
  // The keys have just been read, so a token cannot make the server read them again.
  await expect(check(from, next!)).rejects.toMatchObject({ status: 401, code: 'TOKEN_INVALID' })
  from.wait(30_000)
  expect(await check(from, next!)).toBe('ann')
  expect(from.asked()).toBe(2)
  const flood = Array.from({ length: 100 }, (_, n) => check(from, { ...ours!, kid: `unknown-${n}` }))
  for (const { status } of await Promise.allSettled(flood)) expect(status).toBe('rejected')
  expect(from.asked()).toBe(2)
  from.wait(30_000)
  const second = Array.from({ length: 100 }, (_, n) => check(from, { ...ours!, kid: `unknown-${n}` }))
  for (const { status } of await Promise.allSettled(second)) expect(status).toBe('rejected')
  expect(from.asked()).toBe(3)
})

test('a key that is withdrawn ends the tokens that it has signed', async () => {
  const from = await source(withKeys(ours!, next!))
  const token = await signed(ours!)
  await from.tokens.identify(token)
  from.respond = withKeys(next!)
  await from.keys.refresh()
  from.wait(1)
  await expect(from.tokens.identify(token)).rejects.toMatchObject({ status: 401 })
})

test('until there are keys, tokens are answered with 503, and soon after they are there, taken', async () => {
  const from = await source((outgoing) => outgoing.writeHead(500).end())
  await expect(check(from, ours!)).rejects.toMatchObject({ status: 503, code: 'TOKEN_KEYS_UNAVAILABLE' })
  from.respond = withKeys(ours!)
  await expect(check(from, ours!)).rejects.toMatchObject({ status: 503 })
  from.wait(2000)
  expect(await check(from, ours!)).toBe('ann')
})

test.each<readonly [string, Respond]>([
  ['another place', (outgoing) => outgoing.writeHead(302, { location: '/other' }).end()],
  ['no JSON', (outgoing) => outgoing.end('<html>')],
  ['no keys', (outgoing) => outgoing.end('{"keys":[]}')],
  ['nothing in time', () => undefined],
  ['half an answer', (outgoing) => outgoing.writeHead(200, { 'content-length': '500' }).write('{"keys"')],
  ['more than is read', (outgoing) => outgoing.end(' '.repeat(2_000_000))],
])('an answer of %s leaves the keys as they are', async (_, respond) => {
  const from = await source(withKeys(ours!))
  expect(await check(from, ours!)).toBe('ann')
  from.respond = respond
  await from.keys.refresh()
  expect(from.failures).toHaveLength(1)
  expect(await check(from, ours!)).toBe('ann')
})

test('no more than 256 tokens are checked at the same time', async () => {
  const from = await source(() => undefined)
  const [header, payload] = (await signed(ours!)).split('.')
  const answers = Array.from({ length: 257 }, async (_, n) => from.tokens.identify(`${header}.${payload}.${n}`))
  const settled = await Promise.allSettled(answers)
  const codes = settled.map((one) => (one.status === 'rejected' ? one.reason.code : 'taken'))
  expect(codes.filter((code) => code === 'OVERLOADED')).toHaveLength(1)
  expect(codes.filter((code) => code === 'TOKEN_KEYS_UNAVAILABLE')).toHaveLength(256)
})
