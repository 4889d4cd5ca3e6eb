import { chmod, rename, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { authenticator } from '../../src/http/access/authenticator.ts'
import type { Call } from '../../src/http/call/call.ts'
import { hashApiKey, serving, type ApiKey, type Auth } from '../../src/index.ts'
import { temporaryFolder } from '../support/backing.ts'
import { post, serveEnergy } from '../support/serve.ts'

const key = (secret: string, more: Partial<ApiKey> = {}): ApiKey => ({
  name: 'checkout',
  sha256: hashApiKey(secret),
  scopes: ['features:read', 'metrics:read'],
  ...more,
})
const inFile = (...keys: readonly ApiKey[]): string => JSON.stringify({ keys })

async function guarded(content: string, more: Exclude<Auth, 'none' | { gateway: unknown }> = {}) {
  const file = join(await temporaryFolder(), 'keys.json')
  await writeFile(file, content, { mode: 0o600 })
  const failures: string[] = []
  const app = await serveEnergy({
    auth: { keysFile: file, ...more },
    onError: ({ error }) => failures.push(error instanceof Error ? error.message : String(error)),
  })
  onTestFinished(() => app.close())
  const ask = async (secret: string) =>
    (await post(app, '/v1/features/next_day', { keys: [{ customer_id: 'a' }] }, { authorization: `Bearer ${secret}` }))
      .status
  return { app, file, ask, failures }
}

test('keys are rotated under load without a refused request: both work, then the new one only', async () => {
  const { app, file, ask } = await guarded(inFile(key('old')))
  let loading = true
  let current = 'old'
  const load = (async () => {
    const seen = new Map<number, number>()
    for (; loading; await setImmediate()) {
      const statuses = await Promise.all([ask(current), ask(current)])
      for (const status of statuses) seen.set(status, (seen.get(status) ?? 0) + 1)
    }
    return seen
  })()
  expect(await ask('new')).toBe(401)
  // As a careful script does it, and as an editor does it.
  await writeFile(`${file}.next`, inFile(key('old'), key('new')), { mode: 0o600 })
  await rename(`${file}.next`, file)
  await app.refresh()
  expect([await ask('old'), await ask('new')]).toEqual([200, 200])
  current = 'new'
  await setImmediate()
  await writeFile(file, inFile(key('new')))
  await app.refresh()
  expect([await ask('old'), await ask('new')]).toEqual([401, 200])
  loading = false
  const seen = await load
  expect([...seen.keys()]).toEqual([200])
  expect(seen.get(200)).toBeGreaterThan(4)
})

test.each<readonly [string, (file: string) => Promise<void>, RegExp]>([
  ['no file', (file) => unlink(file), /ENOENT/],
  ['half a file', (file) => writeFile(file, inFile(key('other')).slice(0, 50)), /It is not JSON/],
  ['an empty file', (file) => writeFile(file, ''), /It is not JSON/],
  ['a list', (file) => writeFile(file, '[]'), /At the top/],
  [
    'a key instead of its hash',
    (file) => writeFile(file, inFile(key('x', { sha256: 'secret-word' }))),
    /64 hex digits/,
  ],
  [
    'an unknown scope',
    (file) => writeFile(file, JSON.stringify({ keys: [{ ...key('x'), scopes: ['all'] }] })),
    /names all/,
  ],
  ['a wrong field', (file) => writeFile(file, JSON.stringify({ keys: [{ ...key('x'), until: 'x' }] })), /until/],
  ['a day that is none', (file) => writeFile(file, inFile(key('x', { expires: 'soon' }))), /expires/],
  ['a key twice', (file) => writeFile(file, inFile(key('x'), key('x'))), /twice/],
  ['a file that others may write', (file) => chmod(file, 0o666), /chmod go-w/],
])('%s opens and closes no door: the keys before count, and it is told', async (what, change, says) => {
  const { app, file, ask, failures } = await guarded(inFile(key('good')))
  await change(file)
  // Rights are looked at when the contents change.
  if (what.startsWith('a file')) await writeFile(file, inFile(key('other')))
  await app.refresh()
  await app.refresh()
  expect([await ask('good'), await ask('other'), await ask('x'), await ask('')]).toEqual([200, 401, 401, 401])
  expect(failures).toHaveLength(1)
  expect(failures[0]).toMatch(says)
  expect(failures[0]).not.toContain('secret-word')
  const { ready, checks } = await app.ready()
  const detail = 'The file of API keys cannot be used. The keys read before count.'
  expect([ready, checks['keys']]).toEqual([true, { ok: true, detail }])
  const metrics = await (await app.request('/metrics', { headers: { authorization: 'Bearer good' } })).text()
  expect(metrics).toMatch(/martlet_access_stale\{source="keys"\} 1/)
  expect(metrics).toMatch(/martlet_access_reloads_total\{source="keys",outcome="failed"\} 1/)

  await unlink(file).catch(() => undefined)
  await writeFile(file, inFile(key('other')), { mode: 0o600 })
  await app.refresh()
  expect([await ask('good'), await ask('other')]).toEqual([401, 200])
  expect((await app.ready()).checks['keys']).toBeUndefined()
})

test('a file without keys lets nobody in, and keys of the configuration work beside it', async () => {
  const { app, file, ask } = await guarded(inFile(), { keys: [key('listed')] })
  expect([await ask('listed'), await ask('filed')]).toEqual([200, 401])
  await writeFile(file, inFile(key('filed')))
  await app.refresh()
  expect([await ask('listed'), await ask('filed')]).toEqual([200, 200])
  await writeFile(file, inFile())
  await app.refresh()
  expect([await ask('listed'), await ask('filed')]).toEqual([200, 401])
})

test('a file that cannot be used at the start is refused at once', async () => {
  const folder = await temporaryFolder()
  const start = (keysFile: string) => () => serving({ catalog: undefined!, online: undefined!, auth: { keysFile } })
  expect(start(join(folder, 'none.json'))).toThrow(/auth\.keysFile: .* cannot be used\. ENOENT/)
  await writeFile(join(folder, 'open.json'), inFile(key('x')))
  await chmod(join(folder, 'open.json'), 0o666)
  expect(start(join(folder, 'open.json'))).toThrow(/chmod go-w/)
})

test('a key works until it expires, to the millisecond', () => {
  let now = Date.parse('2027-01-31T00:00:00Z') - 1
  const keys = [key('short', { expires: '2027-01-31T01:00:00+01:00' }), key('long')]
  const access = authenticator({ keys }, { clock: () => now })
  const call = (secret: string) => ({ header: (name: string) => (name === 'x-api-key' ? secret : undefined) }) as Call
  expect(access.identify(call('short'))).toMatchObject({ name: 'checkout', kind: 'key' })
  now += 1
  expect(() => access.identify(call('short'))).toThrow(expect.objectContaining({ status: 401, code: 'KEY_EXPIRED' }))
  expect(access.identify(call('long'))).toMatchObject({ name: 'checkout' })
})

test.each(['2027-01-31', '2027-01-31T00:00:00', 'never', ''])('a key cannot expire at %j', (expires) => {
  expect(() => authenticator({ keys: [key('x', { expires })] })).toThrow(/keys\[0\]\.expires must be an instant/)
})
