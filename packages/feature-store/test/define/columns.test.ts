import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { decimal, dimension, entity, fact, precomputed, type ColumnCheck, type Shape } from '@martlet/feature-store'
import type { ColumnType } from '@martlet/warehouse'
import { customer, meter, profiles, scores, site } from './marts.ts'
import { refusal, untyped } from './invalid.ts'

function column(schema: Shape[string]) {
  const { plan } = fact('mart.t', {
    columns: { customer_id: z.string(), ts: z.date(), x: schema },
    entities: [customer],
    eventTime: untyped('ts'),
  })
  const { name: _, ...described } = plan.columns.find(({ name }) => name === 'x')!
  return described
}

describe('a zod schema becomes a column type and checks', () => {
  const integer: ColumnCheck = { kind: 'integer' }
  const cases: [string, Shape[string], ColumnType, ColumnCheck[], boolean?][] = [
    ['z.string()', z.string(), 'text', []],
    ['z.string().min(1).max(8)', z.string().min(1).max(8), 'text', [{ kind: 'length', min: 1, max: 8 }]],
    ['z.string().length(3)', z.string().length(3), 'text', [{ kind: 'length', min: 3, max: 3 }]],
    ['z.string().regex(/^[A-Z]+$/)', z.string().regex(/^[A-Z]+$/), 'text', [{ kind: 'pattern', pattern: '^[A-Z]+$' }]],
    ['z.string().nullable()', z.string().nullable(), 'text', [], true],
    ['z.string().optional()', z.string().optional(), 'text', [], true],
    ['z.string().min(2).nullish()', z.string().min(2).nullish(), 'text', [{ kind: 'length', min: 2 }], true],
    ['z.string().readonly()', z.string().readonly(), 'text', []],
    ['z.number()', z.number(), 'double', []],
    ['z.float32()', z.float32(), 'double', []],
    ['z.number().nonnegative()', z.number().nonnegative(), 'double', [{ kind: 'range', min: 0 }]],
    [
      'z.number().positive().max(9)',
      z.number().positive().max(9),
      'double',
      [{ kind: 'range', min: 0, exclusiveMin: true, max: 9 }],
    ],
    ['the tighter of two minima', z.number().gt(3).min(1), 'double', [{ kind: 'range', min: 3, exclusiveMin: true }]],
    [
      'exclusive wins over inclusive',
      z.number().min(3).gt(3),
      'double',
      [{ kind: 'range', min: 3, exclusiveMin: true }],
    ],
    [
      'inclusive bounds replace looser exclusive ones',
      z.number().gt(1).lt(9).min(2).max(8),
      'double',
      [{ kind: 'range', min: 2, max: 8 }],
    ],
    ['z.int()', z.int(), 'bigint', [integer]],
    ['z.number().int().min(1)', z.number().int().min(1), 'bigint', [{ kind: 'range', min: 1 }, integer]],
    ['z.int32()', z.int32(), 'integer', [{ kind: 'range', min: -2147483648, max: 2147483647 }, integer]],
    ['z.uint32()', z.uint32(), 'bigint', [{ kind: 'range', min: 0, max: 4294967295 }, integer]],
    ['z.boolean()', z.boolean(), 'boolean', []],
    ['z.date()', z.date(), 'timestamp', []],
    ['z.iso.date()', z.iso.date(), 'date', []],
    ['z.enum', z.enum(['a', 'b']), 'text', [{ kind: 'enum', values: ['a', 'b'] }]],
    ['z.enum().nullable()', z.enum(['a', 'b']).nullable(), 'text', [{ kind: 'enum', values: ['a', 'b'] }], true],
    ['z.literal of a text', z.literal('a'), 'text', [{ kind: 'enum', values: ['a'] }]],
    ['z.literal of a text and null', z.literal(['a', null]), 'text', [{ kind: 'enum', values: ['a'] }], true],
    ['z.literal of a whole number', z.literal(3), 'bigint', [{ kind: 'range', min: 3, max: 3 }]],
    ['z.literal of a boolean', z.literal(true), 'boolean', []],
    ['decimal', decimal(12, 2), { decimal: [12, 2] }, []],
    [
      'decimal().nonnegative().nullable()',
      decimal(9, 3).nonnegative().nullable(),
      { decimal: [9, 3] },
      [{ kind: 'range', min: 0 }],
      true,
    ],
    ['zod mini, too', z.nullable(z.int()), 'bigint', [integer], true],
  ]
  test.each(cases)('%s', (_, schema, type, checks, nullable = false) => {
    expect(column(schema)).toEqual({ type, nullable, checks })
  })
})

describe('a schema that the warehouse cannot hold or check is refused at its table and column', () => {
  const cases: [string, unknown, string][] = [
    ['an object', z.object({}), "zod's 'object' has no column type"],
    ['a union', z.union([z.string(), z.number()]), "zod's 'union' has no column type"],
    ['a bigint', z.bigint(), "zod's 'bigint' has no column type"],
    ['a transform', z.string().transform(Number), "zod's 'pipe' has no column type"],
    ['a default', z.string().default('x'), "zod's 'default' has no column type"],
    ['coercion', z.coerce.number(), 'z.coerce converts values'],
    ['a refinement', z.string().refine(() => true), "the zod check 'custom' cannot run inside the warehouse"],
    ['trimming', z.string().trim(), "the zod check 'overwrite' cannot run inside the warehouse"],
    ['multipleOf', z.number().multipleOf(0.5), "the zod check 'multiple_of' cannot run inside the warehouse"],
    ['a bound on dates', z.date().min(new Date(0)), 'bounds are finite numbers'],
    ['a pattern with flags', z.string().regex(/a/i), "drop 'i'"],
    ['a pattern with lookaround', z.string().regex(/a(?!b)/), 'looks around or back'],
    ['an instant as text', z.iso.datetime(), 'an ISO datetime as text is not supported; use z.date()'],
    ['literals of mixed types', z.literal(['a', 1]), 'its values must all be texts, and 1 is not'],
    ['literals of several numbers', z.literal([1, 2]), 'or one number'],
    ['no schema at all', 'string', 'its schema is not one of zod 4'],
  ]
  test.each(cases)('%s', (_, schema, problem) => {
    const message = refusal(() => column(untyped(schema)))
    expect(message).toMatch(/^fact 'mart\.t', column 'x': /)
    expect(message).toContain(problem)
  })

  test('a decimal whose digits no engine has', () => {
    expect(refusal(() => decimal(39, 2))).toContain('decimal(39, 2): the precision must be 1 to 38 digits')
    expect(refusal(() => decimal(4, 5))).toContain('decimal(4, 5): the scale must be 0 to 4 digits')
  })
})

describe('entities and sources', () => {
  test('an entity holds its keys in declared order', () => {
    expect(meter.plan).toEqual({
      name: 'meter',
      keys: [
        { name: 'site_id', type: 'bigint' },
        { name: 'channel', type: 'bigint' },
      ],
    })
  })

  test('a fact, a dimension and a precomputed table hold frozen plans', () => {
    const readings = fact('mart.readings', {
      columns: { site_id: z.int(), channel: z.int(), at: z.date(), arrived: z.date(), seq: z.int(), value: z.number() },
      entities: [meter, site],
      eventTime: 'at',
      knownAt: 'arrived',
      sequence: 'seq',
      zone: 'europe/zurich',
    })
    expect(readings.plan).toMatchObject({
      kind: 'fact',
      table: 'mart.readings',
      zone: 'Europe/Zurich',
      eventTime: 'at',
      knownAt: 'arrived',
      sequence: 'seq',
      entities: [meter.plan, site.plan],
    })
    expect(Object.isFrozen(readings.plan.columns[0]?.checks)).toBe(true)
    expect(profiles.plan).toMatchObject({
      kind: 'dimension',
      zone: null,
      entity: customer.plan,
      validFrom: 'valid_from',
      validTo: 'valid_to',
    })
    expect(scores.plan).toMatchObject({ kind: 'precomputed', entity: customer.plan, time: 'at', created: 'written' })
  })

  const columns = { customer_id: z.string(), ts: z.date(), x: z.number() }
  const refusals: [string, () => unknown, string][] = [
    [
      'an entity name that is not lower_snake',
      () => entity('Customer', { id: z.string() }),
      "entity 'Customer': the name 'Customer' is not lower_snake",
    ],
    [
      'the name of the calendar entity',
      () => entity('everyone', { id: z.string() }),
      'reserved for views without an entity',
    ],
    ['an entity without keys', () => entity('nobody', {}), "entity 'nobody': it has no columns"],
    [
      'a nullable key',
      () => entity('c', { id: z.string().nullable() }),
      "entity 'c', column 'id': a key column cannot be nullable",
    ],
    [
      'a key named like a column of every table',
      () => entity('c', { run_id: z.string() }),
      "key column 'run_id' is reserved",
    ],
    [
      'keys that differ in case only',
      () => entity('c', { id: z.string(), ID: z.string() }),
      "columns 'id' and 'ID' differ only in case",
    ],
    [
      'something that is no table name',
      () => fact('drop table x; --', { columns, entities: [customer], eventTime: 'ts' }),
      'is not a table name',
    ],
    [
      'a fact without entities',
      () => fact('t', { columns, entities: [], eventTime: 'ts' }),
      "fact 't': it names no entities",
    ],
    [
      'a fact without a key column',
      () => fact('t', { columns, entities: untyped([site]), eventTime: 'ts' }),
      "this table lacks column 'site_id', a key of entity 'site'",
    ],
    [
      'a key column of another type',
      () => fact('t', { columns: { site_id: z.number(), ts: z.date() }, entities: [site], eventTime: 'ts' }),
      "fact 't', column 'site_id': it is double here and bigint in entity 'site'; declare both alike",
    ],
    [
      'an unknown event time',
      () => fact('t', { columns, entities: [customer], eventTime: untyped('nope') }),
      "eventTime 'nope' is not one of its columns: customer_id, ts, x",
    ],
    [
      'an event time that is a number',
      () => fact('t', { columns, entities: [customer], eventTime: untyped('x') }),
      "eventTime 'x' is double; it must be timestamp",
    ],
    [
      'an arrival time that is a text',
      () => fact('t', { columns, entities: [customer], eventTime: 'ts', knownAt: untyped('customer_id') }),
      "knownAt 'customer_id' is text",
    ],
    [
      'an unknown zone',
      () => fact('t', { columns, entities: [customer], eventTime: 'ts', zone: 'Mars/Base' }),
      "zone 'Mars/Base' is not an IANA time zone",
    ],
    [
      'an offset as zone',
      () => fact('t', { columns, entities: [customer], eventTime: 'ts', zone: '+02:00' }),
      "zone '+02:00' is not an IANA time zone",
    ],
    [
      'something that is no entity',
      () => fact('t', { columns, entities: untyped(['customer']), eventTime: 'ts' }),
      "'customer' is not an entity",
    ],
    [
      'an interval without a beginning',
      () => dimension('d', { columns, entity: customer, validTo: 'ts' }),
      'it names validTo without validFrom',
    ],
    [
      'a dimension of a missing key',
      () => dimension('d', { columns, entity: untyped(site) }),
      "dimension 'd': this table lacks column 'site_id'",
    ],
    [
      'a precomputed time of another type',
      () => precomputed('p', { columns, entity: customer, time: untyped('x') }),
      "precomputed 'p': time 'x' is double",
    ],
  ]
  test.each(refusals)('refuse %s', (_, define, problem) => {
    expect(refusal(define)).toContain(problem)
  })
})
