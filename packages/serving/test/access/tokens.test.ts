import { createHmac, createPublicKey } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { CompactSign } from 'jose'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { tokensOf } from '../../src/http/access/jwt/tokens.ts'
import { keysOfFile } from '../../src/http/access/jwt/issuer-keys.ts'
import { hashApiKey, serving, type JwtOptions } from '../../src/index.ts'
import { temporaryFolder } from '../support/backing.ts'
import { post, serveEnergy } from '../support/serve.ts'
import { AUDIENCE, claims, ISSUER, jwksOf, signed, signer, type Signer } from './support/issuer.ts'

const keys = [{ customer_id: 'a' }]
const jwt = (file: string, more: Partial<JwtOptions> = {}): JwtOptions => ({
  issuer: ISSUER,
  audience: AUDIENCE,
  jwks: { file },
  ...more,
})

let [ours, edwards, theirs, long]: Signer[] = []
beforeAll(async () => {
  ;[ours, edwards, theirs, long] = await Promise.all([
    signer('one'),
    signer('two', 'EdDSA'),
    signer('one'),
    signer('long', 'ES384'),
  ])
})

/** A server that takes tokens of `ours` and `edwards`, and one API key. */
async function guarded(more: Partial<JwtOptions> = {}) {
  const file = join(await temporaryFolder(), 'jwks.json')
  await writeFile(file, jwksOf(ours!, edwards!))
  const app = await serveEnergy({
    auth: {
      jwt: jwt(file, more),
      keys: [{ name: 'script', sha256: hashApiKey('key of script'), scopes: ['features:read'] }],
    },
    onError: () => undefined,
  })
  onTestFinished(() => app.close())
  const ask = (token: string, path = '/v1/features/next_day') =>
    post(app, path, { keys }, { authorization: `Bearer ${token}` })
  return { app, file, ask }
}

const text = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const parts = (token: string): [string, string, string] => {
  const [header = '', payload = '', signature = ''] = token.split('.')
  return [header, payload, signature]
}
/** Signed with a shared secret, as somebody would who knows only what is public. */
function withSecret(secret: string | Buffer, alg = 'HS256'): string {
  const head = `${text({ alg, kid: 'one' })}.${text(claims())}`
  return `${head}.${createHmac('sha256', secret).update(head).digest('base64url')}`
}
const raw = (payload: string): Promise<string> =>
  new CompactSign(Buffer.from(payload)).setProtectedHeader({ alg: 'ES256', kid: 'one' }).sign(ours!.secret)
const pem = (): string =>
  createPublicKey({ key: ours!.jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' }).toString()
const soon = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds

const wrong: Readonly<Record<string, () => string | Promise<string>>> = {
  'no signature, alg none': () => `${text({ alg: 'none' })}.${text(claims())}.`,
  'no signature, alg None': () => `${text({ alg: 'None', kid: 'one' })}.${text(claims())}.`,
  'a signature, alg none': async () =>
    `${text({ alg: 'none' })}.${parts(await signed(ours!))
      .slice(1)
      .join('.')}`,
  'no alg': () => `${text({ kid: 'one' })}.${text(claims())}.AAAA`,
  'the public key in PEM as a secret': () => withSecret(pem()),
  'the public key in PEM, trimmed, as a secret': () => withSecret(pem().trim()),
  'the JWK as a secret': () => withSecret(JSON.stringify(ours!.jwk)),
  'the coordinate as a secret': () => withSecret(Buffer.from(ours!.jwk.x ?? '', 'base64url')),
  'an empty secret': () => withSecret(''),
  HS512: () => withSecret(pem(), 'HS512'),
  'the key of somebody else under our id': () => signed(theirs!),
  'a key that nobody publishes': () => signed(long!),
  'a key of ours under another id': () => signed({ ...ours!, kid: 'three' }),
  'the id of a key of another kind': () => signed({ ...ours!, kid: 'two' }),
  'a key in its header': () => signed(theirs!, {}, { jwk: theirs!.jwk, kid: undefined }),
  'an address of keys in its header': () => signed(theirs!, {}, { jku: 'https://evil.example/jwks.json' }),
  'a certificate in its header': () => signed(theirs!, {}, { x5c: ['MIIB'] }),
  'RS256 by an elliptic key': async () => {
    const [, payload, signature] = parts(await signed(ours!))
    return `${text({ alg: 'RS256', kid: 'one' })}.${payload}.${signature}`
  },
  'an extension that is not known': async () =>
    `${text({ alg: 'ES256', kid: 'one', crit: ['x'], x: 1 })}.${parts(await signed(ours!))
      .slice(1)
      .join('.')}`,
  'a payload that is not encoded': async () =>
    `${text({ alg: 'ES256', kid: 'one', b64: false, crit: ['b64'] })}.${parts(await signed(ours!))
      .slice(1)
      .join('.')}`,
  'no exp': () => signed(ours!, { exp: undefined }),
  'exp in the past': () => signed(ours!, { exp: soon(-3600) }),
  'exp just outside the tolerance': () => signed(ours!, { exp: soon(-31) }),
  'exp as a text': () => signed(ours!, { exp: String(soon(600)) }),
  'exp null': () => signed(ours!, { exp: null }),
  'nbf in the future': () => signed(ours!, { nbf: soon(120) }),
  'nbf as a text': () => signed(ours!, { nbf: 'now' }),
  'no iss': () => signed(ours!, { iss: undefined }),
  'another iss': () => signed(ours!, { iss: 'https://evil.example/' }),
  'an iss without its slash': () => signed(ours!, { iss: ISSUER.slice(0, -1) }),
  'an iss that goes on': () => signed(ours!, { iss: `${ISSUER}x` }),
  'iss as a list': () => signed(ours!, { iss: [ISSUER] }),
  'no aud': () => signed(ours!, { aud: undefined }),
  'another aud': () => signed(ours!, { aud: 'billing' }),
  'an aud in capitals': () => signed(ours!, { aud: 'Martlet' }),
  'an empty list of aud': () => signed(ours!, { aud: [] }),
  'a list of other aud': () => signed(ours!, { aud: ['billing', 'martlet2'] }),
  'aud as a number': () => signed(ours!, { aud: 1 }),
  'no sub': () => signed(ours!, { sub: undefined }),
  'an empty sub': () => signed(ours!, { sub: '' }),
  'sub as a number': () => signed(ours!, { sub: 7 }),
  'a sub of 300 characters': () => signed(ours!, { sub: 's'.repeat(300) }),
  'another payload under the signature': async () => {
    const [header, , signature] = parts(await signed(ours!))
    return `${header}.${text(claims({ sub: 'bob' }))}.${signature}`
  },
  'another header under the signature': async () => {
    const [, payload, signature] = parts(await signed(ours!))
    return `${text({ alg: 'ES256', kid: 'one', typ: 'JWT' })}.${payload}.${signature}`
  },
  'half a signature': async () => (await signed(ours!)).slice(0, -40),
  'a longer signature': async () => `${await signed(ours!)}AAAA`,
  'the signature of another token': async () => {
    const [header, payload] = parts(await signed(ours!))
    return `${header}.${payload}.${parts(await signed(ours!, { sub: 'bob' }))[2]}`
  },
  'a signature of zeros': async () =>
    parts(await signed(ours!))
      .slice(0, 2)
      .join('.') + `.${'A'.repeat(86)}`,
  'a header that is not JSON': async () =>
    `e30x.${parts(await signed(ours!))
      .slice(1)
      .join('.')}`,
  'an empty header': async () =>
    `e30.${parts(await signed(ours!))
      .slice(1)
      .join('.')}`,
  'a payload that is not JSON': () => raw('claims'),
  'a payload that is a list': () => raw('[]'),
  'a payload that is null': () => raw('null'),
  'an empty payload': async () => `${parts(await signed(ours!))[0]}..${parts(await signed(ours!))[2]}`,
  'two parts': async () =>
    parts(await signed(ours!))
      .slice(0, 2)
      .join('.'),
  'four parts': async () => `${await signed(ours!)}.AAAA`,
  'five parts, as if encrypted': async () => `${await signed(ours!)}.AAAA.AAAA`,
  padding: async () => `${await signed(ours!)}==`,
  'more characters than are read': () => signed(ours!, { padding: 'p'.repeat(9000) }),
}

describe('a wrong token', () => {
  test(`is refused, in ${Object.keys(wrong).length} ways, and says nothing of what it holds`, async () => {
    const { ask } = await guarded()
    expect((await ask(await signed(ours!))).status).toBe(200)
    for (const [how, make] of Object.entries(wrong)) {
      const response = await ask(await make())
      const { status, code, detail }: Record<string, unknown> = JSON.parse(await response.text())
      expect([how, response.status, status], how).toEqual([how, 401, 401])
      expect(['TOKEN_INVALID', 'TOKEN_EXPIRED', 'KEY_UNKNOWN'], how).toContain(code)
      expect(detail, how).not.toMatch(/\b(bob|ann)\b|evil|billing|eyJ/)
      const challenge = response.headers.get('www-authenticate')
      expect(challenge, how).toBe(code === 'KEY_UNKNOWN' ? 'Bearer' : 'Bearer error="invalid_token"')
    }
    // After all of them, a good one is still taken.
    expect((await ask(await signed(edwards!))).status).toBe(200)
  })

  test('is not taken anywhere else: no header but the one, no query', async () => {
    const { app } = await guarded()
    const token = await signed(ours!)
    const places: readonly RequestInit[] = [
      { headers: { 'x-api-key': token } },
      { headers: { authorization: `Token ${token}` } },
      { headers: { cookie: `token=${token}` } },
      {},
    ]
    for (const init of places)
      expect((await app.request(`/v1/features/next_day?customer_id=a&access_token=${token}`, init)).status).toBe(401)
  })

  test('of another algorithm than the configuration lists is refused', async () => {
    const { ask } = await guarded({ algorithms: ['EdDSA'] })
    expect((await ask(await signed(edwards!))).status).toBe(200)
    expect((await ask(await signed(ours!))).status).toBe(401)
  })
})

describe('a good token', () => {
  test('opens what its scopes say, and API keys work beside it', async () => {
    const { app, ask } = await guarded()
    const narrow = await signed(ours!, { scope: 'openid features:read:service/next_* catalog:read:service/next_day' })
    expect((await ask(narrow)).status).toBe(200)
    const other = await ask(narrow, '/v1/features/usage_only')
    expect([other.status, await other.json()]).toMatchObject([403, { code: 'NAME_NOT_ALLOWED' }])
    const none = await ask(await signed(ours!, { scope: 'openid profile' }))
    expect([none.status, await none.json()]).toMatchObject([
      403,
      { detail: 'The token of ann lacks the scope features:read. Ask its issuer for a token that has it.' },
    ])
    const catalog = await app.request('/v1/catalog', { headers: { authorization: `Bearer ${narrow}` } })
    expect(await catalog.json()).toMatchObject({ services: [{ name: 'next_day' }] })
    expect((await ask('key of script')).status).toBe(200)
  })

  test.each([
    ['a list in scp', { scope: undefined, scp: ['features:read'] }, {}],
    ['words in scp', { scope: undefined, scp: 'a features:read' }, {}],
    [
      'a claim of the configuration',
      { scope: 'nothing', 'https://x.org/can': ['features:read'] },
      { scopes: 'https://x.org/can' },
    ],
    ['an audience among others', { aud: ['billing', AUDIENCE] }, {}],
    ['one of our audiences', { aud: 'second' }, { audience: [AUDIENCE, 'second'] }],
    ['exp within the tolerance', { exp: -20 }, {}],
    ['nbf within the tolerance', { nbf: 20 }, {}],
  ])('has %s', async (_, changed, more) => {
    const { ask } = await guarded(more)
    // Times count from the moment of asking.
    const said = Object.entries(changed).map(([claim, value]) => [
      claim,
      typeof value === 'number' ? soon(value) : value,
    ])
    expect((await ask(await signed(ours!, Object.fromEntries(said)))).status).toBe(200)
  })

  test('is verified once until it expires, to the second, and then refused', async () => {
    const file = join(await temporaryFolder(), 'jwks.json')
    await writeFile(file, jwksOf(ours!))
    const source = keysOfFile(file, { onReload: () => undefined })
    onTestFinished(() => source.close())
    const exp = soon(600)
    let now = Date.now()
    const tokens = tokensOf(jwt(file, { clockToleranceSec: 30 }), source, () => now)
    const token = await signed(ours!, { exp })
    const first = tokens.identify(token)
    expect(first).toBeInstanceOf(Promise)
    // Those that come meanwhile wait for the same check.
    expect(tokens.identify(token)).toBe(first)
    const principal = await first
    expect(tokens.identify(token)).toBe(principal)
    now = (exp + 30) * 1000 - 1
    expect(tokens.identify(token)).toBe(principal)
    now = (exp + 30) * 1000
    expect(() => tokens.identify(token)).toThrow(/expired/)
    // It is not remembered any longer; checked again, the answer is the same.
    await expect(tokens.identify(token)).rejects.toMatchObject({ code: 'TOKEN_EXPIRED' })
  })

  test('is known by its subject: two tokens of one share a limit of requests', async () => {
    const { app, ask } = await guarded({ rate: { perSecond: 0.001, burst: 2 } })
    const [one, two, bob] = await Promise.all([signed(ours!), signed(edwards!), signed(ours!, { sub: 'bob' })])
    const statuses = []
    for (const token of [one, two, one, bob]) statuses.push((await ask(token)).status)
    expect(statuses).toEqual([200, 200, 429, 200])
    // A key of the same name as a subject is somebody else.
    expect((await post(app, '/v1/features/next_day', { keys }, { 'x-api-key': 'key of script' })).status).toBe(200)
  })
})

describe('the keys of the issuer', () => {
  test('are rotated in their file under load: no good token is refused, and a withdrawn key ends its tokens', async () => {
    const { app, file, ask } = await guarded()
    const next = await signer('next')
    const [old, fresh] = await Promise.all([signed(ours!), signed(next)])
    expect((await ask(old)).status).toBe(200)
    let loading = true
    const load = (async () => {
      const seen = new Set<number>()
      for (; loading; await setImmediate())
        for (const { status } of await Promise.all([ask(old), ask(old)])) seen.add(status)
      return seen
    })()
    expect((await ask(fresh)).status).toBe(401)
    await writeFile(file, jwksOf(ours!, next))
    // Nobody waits for the next look at the file: a key that is not known makes the server look.
    expect((await ask(fresh)).status).toBe(200)
    // Half a file is no keys.
    await writeFile(file, jwksOf(next).slice(0, 40))
    await app.refresh()
    expect([(await ask(fresh)).status, (await ask(old)).status]).toEqual([200, 200])
    loading = false
    expect([...(await load)]).toEqual([200])
    const { ready, checks } = await app.ready()
    expect([ready, checks['jwks']]).toEqual([
      true,
      { ok: true, detail: 'The keys of the tokens’ issuer cannot be read. Those read before count.' },
    ])
    await writeFile(file, jwksOf(next))
    await app.refresh()
    expect([(await ask(fresh)).status, (await ask(old)).status]).toEqual([200, 401])
    expect((await app.ready()).checks['jwks']).toBeUndefined()
  })

  test.each([
    ['no JSON', 'keys', /It is not JSON/],
    ['no set', '{}', /not a JSON Web Key Set/],
    ['no keys', '{"keys":[]}', /no public key/],
    ['a shared secret', '{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}', /secret keys/],
    ['keys for encryption only', '{"keys":[{"kty":"RSA","use":"enc","n":"AQ","e":"AQAB"}]}', /no public key/],
  ])('are refused at the start: %s', async (_, content, says) => {
    const file = join(await temporaryFolder(), 'jwks.json')
    await writeFile(file, content)
    const start = () => serving({ catalog: undefined!, online: undefined!, auth: { jwt: jwt(file) } })
    expect(start).toThrow(says)
    expect(start).not.toThrow(/c2VjcmV0/)
  })

  test('with a secret one among them are refused', async () => {
    const file = join(await temporaryFolder(), 'jwks.json')
    await writeFile(file, JSON.stringify({ keys: [{ ...ours!.jwk, d: 'c2VjcmV0' }] }))
    expect(() => keysOfFile(file, { onReload: () => undefined })).toThrow(/secret keys/)
  })
})

test.each([
  [{ issuer: '' }, /issuer is empty/],
  [{ audience: [] }, /audience is empty/],
  [{ audience: [''] }, /audience is empty/],
  [{ algorithms: JSON.parse('["HS256"]') }, /names HS256/],
  [{ algorithms: JSON.parse('["none"]') }, /names none/],
  [{ clockToleranceSec: 3600 }, /clockToleranceSec/],
  [{ clockToleranceSec: Number.NaN }, /clockToleranceSec/],
  [{ jwks: { url: 'http://login.example.com/jwks' } }, /must begin with https:/],
  [{ jwks: { url: 'http://localhost.example.com/jwks' } }, /must begin with https:/],
  [{ jwks: { url: 'file:///etc/passwd' } }, /must begin with https:/],
  [{ jwks: { url: 'jwks.json' } }, /must begin with https:/],
  [{ jwks: { url: 'https://user:word@login.example.com/jwks' } }, /has a user or a password/],
  [{ rate: { perSecond: 0 } }, /auth\.jwt\.rate\.perSecond/],
])('settings that could not work, or not safely, are refused: %j', (changed, says) => {
  const auth = { jwt: { ...jwt('/nowhere'), ...changed } }
  expect(() => serving({ catalog: undefined!, online: undefined!, auth })).toThrow(says)
})
