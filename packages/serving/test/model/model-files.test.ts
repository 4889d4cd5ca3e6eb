import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { problemBody } from '../../src/http/problem/problem-body.ts'
import { byteRange } from '../../src/protocol/byte-range.ts'
import { hashApiKey, listen, type ServingApp } from '../../src/index.ts'
import { backing, trustedRuntime, type Backing } from '../support/backing.ts'

const path = '/v1/models/usage_model/versions/1/artifact'
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

async function opened(): Promise<Backing> {
  const made = await backing('memory', await trustedRuntime())
  await made.register(0.5)
  return made
}

async function ask(on: ServingApp, headers: Record<string, string> = {}, at: string = path): Promise<Response> {
  return on.request(at, { headers })
}

test('a file is sent whole, with its hash', async () => {
  const { registry, serve } = await opened()
  const { artifact } = await registry.version('usage_model', 1)
  const response = await ask(serve())
  expect(response.status).toBe(200)
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'application/octet-stream',
    'content-disposition': 'attachment; filename="usage_model-1.onnx"',
    etag: `"${artifact.sha256}"`,
    'x-martlet-sha256': artifact.sha256,
    'accept-ranges': 'bytes',
    'x-content-type-options': 'nosniff',
  })
  const bytes = new Uint8Array(await response.arrayBuffer())
  expect([bytes.length, sha256(bytes)]).toEqual([artifact.bytes, artifact.sha256])
})

test('what a caller has already is not sent again, over either way to the routes', async () => {
  const { registry, serve } = await opened()
  const { artifact } = await registry.version('usage_model', 1)
  const app = serve()
  const etag = `"${artifact.sha256}"`
  const server = await listen(app, { port: 0, signals: false })
  for (const tags of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const direct = await ask(app, { 'if-none-match': tags })
    expect([direct.status, await direct.text(), direct.headers.get('etag')]).toEqual([304, '', etag])
    const served = await fetch(`http://127.0.0.1:${server.port}${path}`, { headers: { 'if-none-match': tags } })
    expect([served.status, await served.text(), served.headers.get('etag')]).toEqual([304, '', etag])
  }
  expect((await ask(app, { 'if-none-match': '"other"' })).status).toBe(200)
  await server.close()
})

test('a file can be fetched in parts, and must be when it is large', async () => {
  const { registry, serve } = await opened()
  const { artifact } = await registry.version('usage_model', 1)
  const app = serve()
  const small = serve({ limits: { unsentBytes: 400 } })
  const whole = await ask(small)
  expect([whole.status, await whole.json()]).toMatchObject([
    413,
    { code: 'ARTIFACT_IN_PARTS', detail: expect.stringMatching(/Ask for parts, such as Range: bytes=0-199/) },
  ])
  const parts: Uint8Array[] = []
  for (let from = 0; from < artifact.bytes;) {
    const response = await ask(small, { range: `bytes=${from}-` })
    expect(response.status).toBe(206)
    const part = new Uint8Array(await response.arrayBuffer())
    expect(response.headers.get('content-range')).toBe(`bytes ${from}-${from + part.length - 1}/${artifact.bytes}`)
    expect(part.length).toBeLessThanOrEqual(200)
    parts.push(part)
    from += part.length
  }
  expect(sha256(Buffer.concat(parts))).toBe(artifact.sha256)
  const behind = await ask(app, { range: `bytes=${artifact.bytes}-` })
  expect([behind.status, await behind.json()]).toMatchObject([416, { code: 'RANGE_OUTSIDE' }])
  // A range of another file is not mixed with this one.
  expect((await ask(app, { range: 'bytes=0-9', 'if-range': '"other"' })).status).toBe(200)
  expect((await ask(app, { range: 'bytes=0-9', 'if-range': `"${artifact.sha256}"` })).status).toBe(206)
})

describe('ranges', () => {
  test.for([
    [undefined, undefined],
    ['bytes=0-0', { from: 0, end: 1 }],
    ['bytes=2-', { from: 2, end: 10 }],
    ['bytes=5-99', { from: 5, end: 10 }],
    ['bytes=-3', { from: 7, end: 10 }],
    ['bytes=-99', { from: 0, end: 10 }],
    ['bytes=-0', 'outside'],
    ['bytes=10-', 'outside'],
    ['bytes=3-2', undefined],
    ['bytes=-', undefined],
    ['bytes=0-1,4-5', undefined],
    ['rows=0-1', undefined],
    ['bytes=0x1-2', undefined],
  ] as const)('%s', ([header, range]) => expect(byteRange(header, 10)).toEqual(range))
})

test('only with its own scope, for models that the key may use, and not once it is deleted', async () => {
  const keys = [
    { name: 'reader', sha256: hashApiKey('reader'), scopes: ['models:read'], models: ['usage_*'] },
    { name: 'other', sha256: hashApiKey('other'), scopes: ['models:read'], models: ['churn'] },
    { name: 'catalog', sha256: hashApiKey('catalog'), scopes: ['catalog:read', 'models:predict'] },
  ] as const
  const { register, registry, serve } = await opened()
  const guarded = serve({ auth: { keys } })
  const status = async (key: string, at = path): Promise<unknown> => {
    const response = await ask(guarded, { 'x-api-key': key }, at)
    return response.ok ? response.status : [response.status, problemBody.parse(await response.json()).code]
  }
  expect(await status('reader')).toBe(200)
  expect(await status('other')).toEqual([403, 'NAME_NOT_ALLOWED'])
  expect(await status('catalog')).toEqual([403, 'SCOPE_MISSING'])
  expect(await status('reader', path.replace('/1/', '/9/'))).toEqual([404, 'VERSION_UNKNOWN'])
  expect(await status('reader', path.replace('/1/', '/x/'))).toEqual([400, 'VERSION_INVALID'])
  await register(2.5)
  await registry.delete('usage_model', 2, { actor: 'ann', reason: 'a mistake' })
  expect(await status('reader', path.replace('/1/', '/2/'))).toEqual([404, 'VERSION_UNKNOWN'])
})
