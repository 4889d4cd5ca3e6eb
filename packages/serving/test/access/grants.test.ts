import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { authorize, type Scope } from '../../src/desk/principal.ts'
import { ALL_SCOPES, grantOf, principalOf } from '../../src/http/access/grants.ts'
import { hashApiKey, serving, type ApiKey, type GivenScope } from '../../src/index.ts'
import { post, serveEnergy } from '../support/serve.ts'

test.each([
  'features:write',
  'features:read:',
  'features:read:service',
  'features:read:service/',
  'features:read:model/x',
  'models:predict:service/x',
  'metrics:read:service/x',
  'features:read:service/a b',
  'features:read:service/../x',
  'features:read:Service/x',
  ' features:read',
  'features:read ',
  'toString',
  `features:read:service/${'x'.repeat(257)}`,
])('%j is no scope: refused of a key, passed over in a token', (text) => {
  expect(grantOf(text)).toBeUndefined()
  const key = { name: 'x', sha256: hashApiKey('x'), scopes: [text as GivenScope] }
  expect(() => serving({ catalog: undefined!, online: undefined!, auth: { keys: [key] } })).toThrow(/scopes names/)
})

const names = ['next_day', 'next_week', 'usage', 'n', '']
const patterns = ['next_*', '*', 'usage', '*day', 'nothing']
const scopeFor = { service: 'features:read', model: 'models:predict' } as const

test('what a caller may use is what one of its grants for this scope matches, within the lists of its key', () => {
  const some = fc.array(fc.constantFrom(...patterns), { maxLength: 3 })
  fc.assert(
    fc.property(
      fc.constantFrom('service' as const, 'model' as const),
      fc.record({ own: some, others: some, listed: fc.option(some, { nil: undefined }), plain: fc.boolean() }),
      fc.constantFrom(...names),
      (kind, { own, others, listed, plain }, name) => {
        const scope: Scope = scopeFor[kind]
        const texts = [
          ...own.map((pattern) => `${scope}:${kind}/${pattern}`),
          ...others.map((pattern) => `catalog:read:${kind}/${pattern}`),
          ...(plain ? [scope] : []),
        ]
        const grants = texts.map((text) => grantOf(text)!)
        const lists = kind === 'service' ? { services: listed } : { models: listed }
        const caller = principalOf({ name: 'x', id: 'x', kind: 'key', rate: undefined, grants, ...lists })
        const matches = (all: readonly string[]) =>
          all.some((one) => new RegExp(`^${one.replaceAll('*', '.*')}$`).test(name))
        const inList = listed === undefined || matches(listed)
        expect(caller.within(scope).maySee(kind, name)).toBe((plain || matches(own)) && inList)
        expect(caller.within('catalog:read').maySee(kind, name)).toBe(matches(others) && inList)
        const may = (plain || own.length > 0) && (plain || matches(own)) && inList
        const use = (): void => authorize(caller, scope, kind, name)
        if (may) expect(use).not.toThrow()
        else expect(use).toThrow(expect.objectContaining({ status: 403 }))
        for (const other of ALL_SCOPES.filter((one) => one !== scope && one !== 'catalog:read'))
          expect(() => authorize(caller, other)).toThrow(expect.objectContaining({ code: 'SCOPE_MISSING' }))
      },
    ),
  )
})

const keyOf = (name: string, ...scopes: readonly GivenScope[]): ApiKey => ({ name, sha256: hashApiKey(name), scopes })

test('a scope for the whole catalog does not open features: each scope counts for itself, in all protocols', async () => {
  const app = await serveEnergy({
    auth: {
      keys: [
        keyOf('browser', 'catalog:read', 'features:read:service/usage_only'),
        keyOf('volts', 'features:read:view/meter_*', 'catalog:read:view/meter_volts'),
        keyOf('one', 'catalog:read:service/usage_only'),
      ],
    },
  })
  onTestFinished(() => app.close())
  const as = (name: string) => ({ authorization: `Bearer ${name}` })
  const features = (name: string, service: string) =>
    post(app, `/v1/features/${service}`, { keys: [{ customer_id: 'a' }] }, as(name))
  const feast = async (name: string, feature: string, entities: object) =>
    (await post(app, '/get-online-features', { features: [feature], entities }, as(name))).status
  const see = async (name: string, path: string) => (await app.request(path, { headers: as(name) })).json()

  expect(await see('browser', '/v1/catalog')).toMatchObject({
    services: [{ name: 'next_day' }, { name: 'usage_only' }, { name: 'metered' }],
  })
  expect((await features('browser', 'usage_only')).status).toBe(200)
  expect((await features('browser', 'next_day')).status).toBe(403)
  expect(await feast('browser', 'customer_usage:kwh_1d', { customer_id: ['a'] })).toBe(200)
  expect(await feast('browser', 'customer_profile:tariff', { customer_id: ['a'] })).toBe(404)

  // A view by itself, whatever services read it.
  expect(await feast('volts', 'meter_volts:volts_7d', { meter_id: [7], customer_id: ['a'] })).toBe(200)
  expect(await feast('volts', 'customer_usage:kwh_1d', { customer_id: ['a'] })).toBe(404)
  expect(await see('volts', '/v1/catalog')).toMatchObject({ services: [], views: [{ name: 'meter_volts' }] })
  expect(await see('volts', '/v1/catalog/views/customer_usage')).toMatchObject({ status: 404 })

  expect(await see('one', '/v1/catalog')).toMatchObject({
    services: [{ name: 'usage_only' }],
    views: [{ name: 'customer_usage' }],
  })
  expect(await see('one', '/v1/catalog/services/next_day')).toMatchObject({ status: 403 })
  const page = await (await app.request('/docs', { headers: as('one') })).text()
  expect(page).toContain('usage_only')
  expect(page).not.toMatch(/next_day|metered/)
})
