import { describe, expect, it } from 'vitest'
import { encodeRows, viewCodec } from '../../src/online/encode-rows.ts'
import { openMemoryStore } from '../../src/online/memory/memory-store.ts'
import type { OnlineStore } from '../../src/online/online-store.ts'
import { publishRows } from '../../src/online/publish.ts'
import { SCHEMA_TABLE } from '../../src/online/schema-record.ts'
import type { ServicePlan } from '../../src/plan/view-plan.ts'
import { openOnlineReader } from '../../src/read/online-reader.ts'
import type { KeyValue, OnlineVectors } from '../../src/read/online-vectors.ts'
import { batch, column, servicePlan, stream, viewPlan } from '../online/view-plans.ts'

const HOUR = 3_600_000_000
const usage = viewPlan(
  'usage',
  { customer_id: 'text' },
  { kwh: 'double', readings: 'bigint', active: 'boolean' },
  24 * HOUR,
)
const route = viewPlan('route', { site: 'text', lane: 'integer' }, { delay: 'double', note: 'text' })
const calendar = viewPlan('calendar', {}, { holiday: 'boolean', day: 'date', since: 'timestamp' })
const service = servicePlan('next_day', [
  [usage, ['kwh', 'active']],
  [route, ['note', 'delay']],
  [calendar, ['holiday', 'day', 'since']],
  [usage, ['readings']],
])
const now = BigInt(100 * HOUR)

async function filled(): Promise<OnlineStore> {
  const store = openMemoryStore()
  await publishRows(
    store,
    usage,
    stream(
      batch({
        customer_id: column('text', ['ann', 'bob', 'old', 'edge']),
        feature_time: column('timestamp', [99 * HOUR, 98 * HOUR, 76 * HOUR - 1, 76 * HOUR]),
        kwh: column('double', [1.5, null, 7, 8]),
        readings: column('bigint', [2n ** 60n, 3n, 4n, 5n]),
        active: column('boolean', [true, false, true, true]),
      }),
    ),
  )
  await publishRows(
    store,
    route,
    stream(
      batch({
        site: column('text', ['s', 's']),
        lane: column('integer', [1, 2]),
        feature_time: column('timestamp', [1, 2]),
        delay: column('double', [-0.25, Number.POSITIVE_INFINITY]),
        note: column('text', ['say "hi"\n', 'é😀']),
      }),
    ),
  )
  await publishRows(
    store,
    calendar,
    stream(
      batch({
        feature_time: column('timestamp', [5]),
        holiday: column('boolean', [true]),
        day: column('date', [-1]),
        since: column('timestamp', [-1]),
      }),
    ),
  )
  return store
}

const read = async (
  plan: ServicePlan,
  keys: readonly Readonly<Record<string, KeyValue>>[],
  store?: OnlineStore,
): Promise<OnlineVectors> => openOnlineReader({ service: plan, store: store ?? (await filled()) }).read(keys, { now })
const statuses = (vectors: OnlineVectors, row: number): string[] =>
  vectors.fields.map((_, field) => vectors.status(row, field))
const values = (vectors: OnlineVectors, row: number): unknown[] =>
  vectors.fields.map((_, field) => vectors.value(row, field))

describe('reading a service online', () => {
  it('gives each entity its own rows, in the order of the service', async () => {
    const vectors = await read(service, [
      { customer_id: 'ann', site: 's', lane: 1 },
      { lane: 2, site: 's', customer_id: 'bob' },
    ])
    expect(vectors.rows).toBe(2)
    expect(vectors.fields.map(({ name }) => name)).toEqual([
      'usage__kwh',
      'usage__active',
      'route__note',
      'route__delay',
      'calendar__holiday',
      'calendar__day',
      'calendar__since',
      'usage__readings',
    ])
    expect(values(vectors, 0)).toEqual([1.5, true, 'say "hi"\n', -0.25, true, -1, -1n, 2n ** 60n])
    expect(values(vectors, 1)).toEqual([null, false, 'é😀', Number.POSITIVE_INFINITY, true, -1, -1n, 3n])
    expect(statuses(vectors, 1)).toEqual(['NULL_VALUE', ...Array.from({ length: 7 }, () => 'PRESENT')])
    expect([0, 1, 2, 3].map((view) => vectors.featureTime(1, view))).toEqual([
      BigInt(98 * HOUR),
      2n,
      5n,
      BigInt(98 * HOUR),
    ])
  })

  it('answers NOT_FOUND and null for an unknown entity, without a feature time', async () => {
    const vectors = await read(service, [{ customer_id: 'nobody', site: 's', lane: 3 }])
    expect(statuses(vectors, 0)).toEqual([
      'NOT_FOUND',
      'NOT_FOUND',
      'NOT_FOUND',
      'NOT_FOUND',
      'PRESENT',
      'PRESENT',
      'PRESENT',
      'NOT_FOUND',
    ])
    expect(values(vectors, 0).slice(0, 4)).toEqual([null, null, null, null])
    expect([vectors.featureTime(0, 0), vectors.featureTime(0, 1)]).toEqual([undefined, undefined])
  })

  it('answers OUTSIDE_MAX_AGE and null for a row older than the ttl, and still tells its time', async () => {
    const plan = servicePlan('s', [[usage, ['kwh', 'readings']]])
    const vectors = await read(plan, [{ customer_id: 'old' }, { customer_id: 'edge' }])
    expect([statuses(vectors, 0), values(vectors, 0)]).toEqual([
      ['OUTSIDE_MAX_AGE', 'OUTSIDE_MAX_AGE'],
      [null, null],
    ])
    expect(vectors.featureTime(0, 0)).toBe(BigInt(76 * HOUR - 1))
    expect([statuses(vectors, 1), values(vectors, 1)]).toEqual([
      ['PRESENT', 'PRESENT'],
      [8, 5n],
    ])
    expect(vectors.json(0)).toBe('{"usage__kwh":null,"usage__readings":null}')
  })

  it('judges age by the clock when no time is given', async () => {
    const store = openMemoryStore()
    const fresh = Date.now() * 1000 - HOUR
    await publishRows(
      store,
      usage,
      stream(
        batch({
          customer_id: column('text', ['fresh', 'stale']),
          feature_time: column('timestamp', [fresh, fresh - 24 * HOUR]),
          kwh: column('double', [1, 2]),
          readings: column('bigint', [1, 2]),
          active: column('boolean', [true, true]),
        }),
      ),
    )
    const vectors = await openOnlineReader({ service: servicePlan('s', [[usage, ['kwh']]]), store }).read([
      { customer_id: 'fresh' },
      { customer_id: 'stale' },
    ])
    expect([vectors.status(0, 0), vectors.status(1, 0)]).toEqual(['PRESENT', 'OUTSIDE_MAX_AGE'])
  })

  it('prints a row as JSON from the stored bytes', async () => {
    const vectors = await read(service, [
      { customer_id: 'ann', site: 's', lane: 1 },
      { customer_id: 'bob', site: 's', lane: 2 },
    ])
    expect(vectors.json(0)).toBe(
      '{"usage__kwh":1.5,"usage__active":true,"route__note":"say \\"hi\\"\\n","route__delay":-0.25,"calendar__holiday":true,' +
        '"calendar__day":"1969-12-31","calendar__since":"1969-12-31T23:59:59.999999Z","usage__readings":1152921504606846976}',
    )
    expect(JSON.parse(vectors.json(1))).toEqual({
      usage__kwh: null,
      usage__active: false,
      route__note: 'é😀',
      route__delay: null,
      calendar__holiday: true,
      calendar__day: '1969-12-31',
      calendar__since: '1969-12-31T23:59:59.999999Z',
      usage__readings: 3,
    })
  })

  it('fills numeric fields straight into a vector; null and missing become NaN', async () => {
    const keys = ['ann', 'bob', 'nobody', 'old', 'ann'].map((customer_id) => ({ customer_id, site: 's', lane: 2 }))
    const vectors = await read(service, keys)
    const target = new Float32Array(12).fill(-1)
    vectors.fill(0, target, 1, 2)
    expect([...target]).toEqual([-1, 1.5, -1, Number.NaN, -1, Number.NaN, -1, Number.NaN, -1, 1.5, -1, -1])
    const flags = new Float64Array(5)
    vectors.fill(1, flags, 0, 1)
    expect([...flags]).toEqual([1, 0, Number.NaN, Number.NaN, 1])
    vectors.fill(7, flags, 0, 1)
    expect([...flags]).toEqual([2 ** 60, 3, Number.NaN, Number.NaN, 2 ** 60])
    vectors.fill(5, flags, 0, 1)
    expect([...flags]).toEqual([-1, -1, -1, -1, -1])
  })

  it('refuses to fill text, and targets that are too small', async () => {
    const vectors = await read(service, [
      { customer_id: 'ann', site: 's', lane: 1 },
      { customer_id: 'bob', site: 's', lane: 2 },
    ])
    expect(() => vectors.fill(2, new Float32Array(2), 0, 1)).toThrow(
      expect.objectContaining({ code: 'FIELD_NOT_NUMERIC', message: expect.stringContaining('route__note') }),
    )
    for (const [offset, stride] of [
      [1, 1],
      [0, 2],
      [-1, 1],
      [0, 0],
      [0.5, 1],
    ] as const) {
      expect(() => vectors.fill(0, new Float32Array(2), offset, stride)).toThrow(
        expect.objectContaining({ code: 'BAD_FILL_TARGET' }),
      )
    }
  })

  it('refuses rows, fields and views that are not there', async () => {
    const vectors = await read(service, [{ customer_id: 'ann', site: 's', lane: 1 }])
    for (const ask of [
      () => vectors.value(1, 0),
      () => vectors.status(0, 8),
      () => vectors.json(-1),
      () => vectors.featureTime(0, 4),
      () => vectors.featureTime(1, 0),
    ]) {
      expect(ask).toThrow(expect.objectContaining({ code: 'NOT_IN_VECTORS' }))
    }
  })

  it('reads the store once for a request, and each key once', async () => {
    const memory = await filled()
    const asked: { table: string; keys: number }[][] = []
    const store: OnlineStore = {
      ...memory,
      read: (reads) => (asked.push(reads.map(({ table, keys }) => ({ table, keys: keys.length }))), memory.read(reads)),
    }
    const keys = ['ann', 'bob', 'ann', 'ann'].map((customer_id, index) => ({ customer_id, site: 's', lane: index }))
    const vectors = await read(service, keys, store)
    expect(asked).toEqual([
      [
        { table: 'usage', keys: 2 },
        { table: 'route', keys: 4 },
        { table: 'calendar', keys: 1 },
        { table: 'usage', keys: 2 },
      ],
    ])
    expect([0, 1, 2, 3].map((row) => vectors.value(row, 0))).toEqual([1.5, null, 1.5, 1.5])
    expect([0, 1, 2, 3].map((row) => vectors.value(row, 3))).toEqual([null, -0.25, Number.POSITIVE_INFINITY, null])
    expect([0, 1, 2, 3].map((row) => vectors.value(row, 4))).toEqual([true, true, true, true])
  })

  it('answers at once from a store that does, and no rows for no keys', async () => {
    const vectors = openOnlineReader({ service, store: await filled() }).read([])
    expect('rows' in vectors && vectors.rows).toBe(0)
    if ('fill' in vectors) vectors.fill(0, new Float32Array(0), 0, 1)
  })

  it.each([
    [{ customer_id: 7, site: 's', lane: 1 }, 'Row 1: customer_id must be text, got number', 'customer_id'],
    [{ site: 's', lane: 1 }, 'Row 1: customer_id is missing; it must be text', 'customer_id'],
    [{ customer_id: null, site: 's', lane: 1 }, 'Row 1: customer_id must be text, got null', 'customer_id'],
    [{ customer_id: 'a', site: 's', lane: '1' }, 'Row 1: lane must be an integer of 32 bits, got other text', 'lane'],
    [
      { customer_id: 'a', site: 's', lane: 1, zone: 2 },
      'Row 1: zone is not a key column of service next_day, which needs customer_id, site, lane.',
      'zone',
    ],
    [null, 'Row 1: a key must be an object of key columns, but it is null.', undefined],
    ['ann', 'Row 1: a key must be an object of key columns, but it is string.', undefined],
  ])('refuses the key %j', async (key, message, name) => {
    const keys = [{ customer_id: 'a', site: 's', lane: 1 }, key] as unknown as Readonly<Record<string, KeyValue>>[]
    await expect(read(service, keys)).rejects.toMatchObject({
      code: 'BAD_ENTITY_KEY',
      message,
      data: { row: 1, ...(name === undefined ? {} : { column: name }) },
    })
  })

  it('refuses a service whose views disagree about a key', async () => {
    const other = viewPlan('other', { customer_id: 'bigint' }, { x: 'double' })
    expect(() =>
      openOnlineReader({
        service: servicePlan('s', [
          [usage, ['kwh']],
          [other, ['x']],
        ]),
        store: openMemoryStore(),
      }),
    ).toThrow(
      expect.objectContaining({
        code: 'KEY_TYPE_CONFLICT',
        message:
          'Service s: key column customer_id is "bigint" in view other, but "text" in an earlier view. ' +
          'Declare the column with one type.',
      }),
    )
  })
})

describe('rows of another definition', () => {
  const key = { customer_id: 'ann' }
  const next = viewPlan(
    'usage',
    { customer_id: 'text' },
    { active: 'boolean', fresh: 'text', kwh: 'double' },
    24 * HOUR,
  )

  it('are read by name as long as they have what the service needs', async () => {
    const store = await filled()
    await publishRows(
      store,
      next,
      stream(
        batch({
          customer_id: column('text', ['bob']),
          feature_time: column('timestamp', [99 * HOUR]),
          kwh: column('double', [42]),
          active: column('boolean', [true]),
          fresh: column('text', ['x']),
        }),
      ),
    )
    for (const view of [usage, next]) {
      const vectors = await read(servicePlan('s', [[view, ['kwh', 'active']]]), [key, { customer_id: 'bob' }], store)
      expect([values(vectors, 0), values(vectors, 1)]).toEqual([
        [1.5, true],
        [42, true],
      ])
      expect(vectors.json(1)).toBe('{"usage__kwh":42,"usage__active":true}')
    }
  })

  it('are an error that says what to do when they lack a feature or have it with another type', async () => {
    const store = await filled()
    const retyped = viewPlan('usage', { customer_id: 'text' }, { kwh: 'bigint' })
    await expect(read(servicePlan('s', [[next, ['fresh']]]), [key], store)).rejects.toMatchObject({
      code: 'ONLINE_SCHEMA_MISMATCH',
      message:
        'The online table usage has rows without fresh, written under another definition of the view. Materialize usage again.',
      data: { view: 'usage', feature: 'fresh' },
    })
    await expect(read(servicePlan('s', [[retyped, ['kwh']]]), [key], store)).rejects.toThrow(
      'rows with kwh as double instead of bigint',
    )
    expect((await read(servicePlan('s', [[next, ['fresh']]]), [{ customer_id: 'nobody' }], store)).status(0, 0)).toBe(
      'NOT_FOUND',
    )
  })

  it('are an error when their layout was never recorded', async () => {
    const store = openMemoryStore()
    const input = batch({
      customer_id: column('text', ['ann']),
      feature_time: column('timestamp', [99 * HOUR]),
      kwh: column('double', [1]),
      active: column('boolean', [true]),
      fresh: column('text', ['x']),
    })
    await store.write('usage', encodeRows(viewCodec(next), input))
    await expect(read(servicePlan('s', [[usage, ['kwh']]]), [key], store)).rejects.toThrow(
      'rows in a layout that is not recorded',
    )
    expect(store.count(SCHEMA_TABLE)).toBe(0)
    expect((await read(servicePlan('s', [[next, ['kwh']]]), [key], store)).value(0, 0)).toBe(1)
  })

  it('are refused when cut short', async () => {
    const store = await filled()
    await store.write('usage', [
      { key: viewCodec(usage).key.encode(key), time: BigInt(99 * HOUR), value: viewCodec(usage).row.fingerprint },
    ])
    await expect(read(servicePlan('s', [[usage, ['kwh']]]), [key], store)).rejects.toThrow('a row that is cut short')
  })
})
