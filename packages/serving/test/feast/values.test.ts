import {
  decimal,
  entity,
  featureService,
  featureView,
  onDemand,
  openMemoryStore,
  precomputed,
  publishRows,
  request,
} from '@martlet/feature-store'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { fixedCatalog, serving, type ServingApp } from '../../src/index.ts'
import { publishZones, taxi, trips, zoneSpeed } from '../on-demand/taxi.ts'
import { batch, once } from '../support/batch.ts'
import { day, now } from '../support/energy.ts'
import { post } from '../support/serve.ts'
import { columnsOf, refusalOf } from './answers.ts'

const path = '/get-online-features'
const second = 1_000_000n
const keyTypes = {
  whole: z.int(),
  small: z.int32(),
  part: z.number(),
  word: z.string(),
  flag: z.boolean(),
  at_day: z.iso.date(),
  at_time: z.date(),
  price: decimal(20, 2),
}
const thing = entity('thing', keyTypes)
const everything = featureView('everything', {
  of: thing,
  from: precomputed('mart.everything', {
    columns: {
      ...keyTypes,
      at: z.date(),
      wide: z.int().nullable(),
      narrow: z.int32().nullable(),
      real: z.number().nullable(),
      label: z.string().nullable(),
      yes: z.boolean().nullable(),
      on_day: z.iso.date().nullable(),
      on_time: z.date().nullable(),
      money: decimal(12, 2).nullable(),
      fine: decimal(38, 12).nullable(),
    },
    entity: thing,
    time: 'at',
  }),
  every: '1h',
  features: (f) => ({
    wide: f.column('wide'),
    narrow: f.column('narrow'),
    real: f.column('real'),
    label: f.column('label'),
    yes: f.column('yes'),
    on_day: f.column('on_day'),
    on_time: f.column('on_time'),
    money: f.column('money'),
    fine: f.column('fine'),
  }),
})
const all = featureService('all', [everything])
const at = 20_463n * day

async function serveAll(): Promise<ServingApp> {
  const online = openMemoryStore()
  const rows = 5
  const repeat = <T>(value: T): readonly T[] => Array.from({ length: rows }, () => value)
  await publishRows(
    online,
    everything.plan,
    once(
      batch({
        whole: ['bigint', [9007199254740993n, 1n, 2n, 3n, 4n]],
        small: ['integer', repeat(-7)],
        part: ['double', repeat(0.5)],
        word: ['text', repeat('ü "x"')],
        flag: ['boolean', repeat(true)],
        at_day: ['date', repeat(20_454)],
        at_time: ['timestamp', repeat(1_767_225_600n * second)],
        price: ['text', repeat('12.50')],
        feature_time: ['timestamp', [at, at + 1_000n, at + 1n, at - second / 2n, at]],
        wide: ['bigint', [9223372036854775807n, -9223372036854775808n, 0n, null, 5n]],
        narrow: ['integer', [2147483647, -2147483648, 0, 7, 7]],
        real: ['double', [0.1, 1e21, -0, Number.NaN, Infinity]],
        label: ['text', ['', '"\\\n', '名前', null, 'x']],
        yes: ['boolean', [true, false, null, true, false]],
        on_day: ['date', [20_454, -1, 0, null, 5]],
        on_time: ['timestamp', [1_767_225_600n * second + 999_999n, -1n, 0n, null, 9223372036854775807n]],
        money: ['double', [1234567890.12, -0.01, 2, null, 0]],
        fine: [{ decimal: [38, 12] }, [1n, 123456781234567891000n, -5n, null, 0n]],
      }),
    ),
  )
  return serve(online, [all.plan])
}

function serve(online: ReturnType<typeof openMemoryStore>, services: Parameters<typeof fixedCatalog>[0]['services']) {
  const app = serving({ catalog: fixedCatalog({ services }), online, auth: 'none', now: () => now })
  onTestFinished(() => app.close())
  return app
}

const keysOf = (whole: string): string =>
  `"whole":[${whole}],"small":[-7],"part":[0.5],"word":["ü \\"x\\""],"flag":[true],"at_day":["2026-01-01"],` +
  '"at_time":["2026-01-01T00:00:00Z"],"price":["12.50"]'

test('every type is written as Feast writes it, with all its digits', async () => {
  const app = await serveAll()
  const values = async (whole: string): Promise<readonly string[]> => {
    const response = await post(app, path, `{"entities":{${keysOf(whole)}},"feature_service":"all"}`)
    expect(response.status).toBe(200)
    return [
      ...(await response.text()).matchAll(/"values":\[(.*?)\],"statuses":\[(.*?)\],"event_timestamps":\[(.*?)\]\}/g),
    ].map(([, value = '', status = '', time = '']) => `${value} ${status.slice(1, -1)} ${time.slice(1, -1)}`)
  }
  const epoch = '1970-01-01T00:00:00Z'
  const first = await values('9007199254740993')
  expect(first.slice(0, 8)).toEqual(
    ['9007199254740993', '-7', '0.5', '"ü \\"x\\""', 'true', '"2026-01-01"', '"2026-01-01T00:00:00Z"', '"12.50"'].map(
      (value) => `${value} PRESENT ${epoch}`,
    ),
  )
  const present = (time: string, ...texts: readonly string[]): readonly string[] =>
    texts.map((text) => (text === 'null' ? `null NULL_VALUE ${time}` : `${text} PRESENT ${time}`))
  expect(first.slice(8)).toEqual(
    present(
      '2026-01-10T00:00:00Z',
      '9223372036854775807',
      '2147483647',
      '0.1',
      '""',
      'true',
      '1767225600',
      '1767225600',
      '"1234567890.12"',
      '"0.000000000001"',
    ),
  )
  expect((await values('1')).slice(8)).toEqual(
    present(
      '2026-01-10T00:00:00.001Z',
      '-9223372036854775808',
      '-2147483648',
      '1e+21',
      '"\\"\\\\\\n"',
      'false',
      '-86400',
      '-1',
      '"-0.01"',
      '"123456781.234567891"',
    ),
  )
  expect((await values('2')).slice(8)).toEqual(
    present('2026-01-10T00:00:00.000001Z', '0', '0', '-0.0', '"名前"', 'null', '0', '0', '"2"', '"-0.000000000005"'),
  )
  expect((await values('3')).slice(8)).toEqual(
    present('2026-01-09T23:59:59.500Z', 'null', '7', 'null', 'null', 'true', 'null', 'null', 'null', 'null'),
  )
  expect((await values('4')).slice(8)).toEqual(
    present('2026-01-10T00:00:00Z', '5', '7', 'null', '"x"', 'false', '432000', 'null', '"0"', '"0"'),
  )
})

test('keys may come as Feast sends them: seconds, digits as text, whole numbers with a point', async () => {
  const app = await serveAll()
  const ask = async (entities: string): Promise<Response> =>
    post(app, path, `{"entities":{${entities}},"features":["everything:narrow"]}`)
  const same =
    '"whole":["9007199254740993"],"small":["-7"],"part":["0.5"],"word":["ü \\"x\\""],"flag":[true],"at_day":[1767225600],' +
    '"at_time":[1767225600],"price":[12.5]'
  expect((await columnsOf(await ask(same)))['narrow']).toMatchObject({ values: [2147483647], statuses: ['PRESENT'] })
  expect((await columnsOf(await ask(keysOf('3.0'))))['narrow']?.values).toEqual([7])
  for (const [from, to, column] of [
    ['"at_day":[1767225600]', '"at_day":[1767225601]', 'at_day'],
    ['"at_time":[1767225600]', '"at_time":[1767225600.5]', 'at_time'],
    ['"at_time":[1767225600]', '"at_time":[99999999999999999999]', 'at_time'],
    ['"whole":["9007199254740993"]', '"whole":[9223372036854775808]', 'whole'],
    ['"whole":["9007199254740993"]', '"whole":["abc"]', 'whole'],
    ['"small":["-7"]', '"small":["x"]', 'small'],
    ['"word":["ü \\"x\\""]', '"word":[99999999999999999999]', 'word'],
  ] as const) {
    expect(same).toContain(from)
    const response = await ask(same.replace(from, to))
    expect([to, response.status]).toEqual([to, 422])
    expect((await refusalOf(response)).message).toContain(`entities.${column}[0] must be`)
  }
})

test('on-demand features take their values from entities, by service and by view', async () => {
  const online = openMemoryStore()
  await publishZones(online)
  const app = serve(online, [taxi.plan, trips.plan])
  const entities = { zone_id: ['a', 'b'], km: [10, 20], promised_at: [1768031999, null] }
  const byService = await columnsOf(await post(app, path, { entities, feature_service: 'trips' }))
  expect(byService).toMatchObject({
    zone_id: { values: ['a', 'b'] },
    kmh: { values: [30, null], statuses: ['PRESENT', 'OUTSIDE_MAX_AGE'] },
    minutes: {
      values: [20, null],
      statuses: ['PRESENT', 'NULL_VALUE'],
      event_timestamps: ['1970-01-01T00:00:00Z', '1970-01-01T00:00:00Z'],
    },
    late: { values: [true, null] },
  })
  expect(Object.keys(byService)).not.toContain('km')
  const features = ['fare:late', 'zone_speed:rides', 'fare:minutes']
  const byView = await columnsOf(await post(app, path, { entities, features, full_feature_names: true }))
  expect(Object.keys(byView)).toEqual(['zone_id', 'fare__late', 'zone_speed__rides', 'fare__minutes'])
  expect(byView['fare__minutes']?.values).toEqual([20, null])
  expect(byView['zone_speed__rides']?.values).toEqual([4, null])
  const { km: _, ...without } = entities
  const refused = await post(app, path, { entities: without, features })
  expect(refused.status).toBe(404)
  expect(await refusalOf(refused)).toMatchObject({
    class: 'RequestDataNotFoundInEntityRowsException',
    message: expect.stringContaining('entities.km is missing'),
  })
  const wrong = await post(app, path, { entities: { ...entities, km: [1, -1] }, features })
  expect((await refusalOf(wrong)).message).toContain('entities.km[1] must be a number of at least 0')
})

test('a role that an on-demand feature reads is read beside the view itself, but not by its name', async () => {
  const pickup = zoneSpeed.as('pickup', { zone_id: 'pickup_id' })
  const detour = onDemand('detour', {
    of: [pickup.pick('kmh')],
    request: request({ km: z.number() }),
    derive: (v, r) => ({ hours: r.km.div(v.pickup__kmh) }),
  })
  const online = openMemoryStore()
  await publishZones(online)
  const app = serve(online, [featureService('detours', [detour, pickup.pick('rides')]).plan])
  const entities = { zone_id: ['a'], pickup_id: ['a'], km: [60] }
  const alone = await columnsOf(await post(app, path, { entities, features: ['detour:hours'] }))
  expect(alone).toMatchObject({ pickup_id: { values: ['a'] }, hours: { values: [2] } })
  expect(Object.keys(alone)).toEqual(['pickup_id', 'hours'])
  const both = await columnsOf(await post(app, path, { entities, features: ['detour:hours', 'zone_speed:kmh'] }))
  expect(both).toMatchObject({ hours: { values: [2] }, kmh: { values: [30] } })
  const asRole = await refusalOf(await post(app, path, { entities, features: ['pickup:kmh'] }))
  expect(asRole.message).toContain('"pickup" is a role in service detours. Ask for that service by feature_service.')
})

test('one name for a view and for a role that an on-demand feature reads is refused', async () => {
  const other = zoneSpeed.as('zone_speed', { zone_id: 'pickup_id' })
  const detour = onDemand('detour', {
    of: [other.pick('kmh')],
    request: request({ km: z.number() }),
    derive: (v, r) => ({ hours: r.km.div(v.zone_speed__kmh) }),
  })
  const online = openMemoryStore()
  await publishZones(online)
  const app = serve(online, [featureService('detours', [detour]).plan])
  const entities = { zone_id: ['a'], pickup_id: ['a'], km: [60] }
  const response = await post(app, path, { entities, features: ['zone_speed:rides', 'detour:hours'] })
  expect(response.status).toBe(422)
  expect((await refusalOf(response)).message).toContain('features ask for zone_speed in two ways')
})
