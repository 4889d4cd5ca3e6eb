import type { ColumnSpec, ColumnType } from '@martlet/warehouse'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LineBlock } from '../../src/predictions/log-lines.ts'
import { instantMicros } from '../../src/predictions/prediction-line.ts'
import { LineTokens } from '../../src/predictions/line-tokens.ts'
import { PredictionReader, type PredictionBlock } from '../../src/predictions/prediction-block.ts'
import { OWN_COLUMNS } from '../../src/predictions/prediction-tables.ts'
import { logLine } from './log-folder.ts'

function blockOf(lines: readonly string[], first = 1): LineBlock {
  const bytes = Buffer.from(lines.join('\n'))
  let at = 0
  const starts = lines.map((line, index) => {
    const start = at + index
    at += Buffer.byteLength(line)
    return start
  })
  const ends = starts.map((start, index) => start + Buffer.byteLength(lines[index] ?? ''))
  const numbers = lines.map((_, index) => first + index)
  return { bytes, starts, ends, numbers, read: lines.length, last: true }
}

/** What each line became: its cells, or why it is none. */
function outcomes({ batch, rejected }: PredictionBlock): readonly (readonly [number, unknown])[] {
  const lineColumn = batch.columns[batch.names.indexOf('log_line')]
  const rows = Array.from({ length: batch.rows }, (_, row): readonly [number, unknown] => [
    Number(lineColumn?.values[row]),
    batch.columns.map(({ values, nulls }) => (nulls?.[row] === 1 ? null : values[row])),
  ])
  return [...rows, ...rejected.map(({ line, reason }): readonly [number, unknown] => [line, reason])].toSorted(
    ([a], [b]) => a - b,
  )
}

const types: readonly ColumnType[] = [
  'double',
  'bigint',
  'text',
  'boolean',
  'timestamp',
  'date',
  'integer',
  { decimal: [20, 2] },
]
const columns: readonly ColumnSpec[] = [
  ...OWN_COLUMNS,
  ...types.map((type, index) => ({ name: `v__${index}`, type })),
  { name: 'site', type: 'bigint' },
  { name: 'prediction', type: 'double' },
  { name: 'prediction__p', type: 'double' },
  { name: 'prediction__m__0', type: 'double' },
  { name: 'prediction__m__1', type: 'text' },
  { name: 'served__v__time', type: 'timestamp' },
  { name: 'served__v__withheld', type: 'boolean' },
  { name: 'served__v__definition', type: 'text' },
  { name: 'request__value__amount', type: 'double' },
]

const digits = fc.stringMatching(/^-?(0|[1-9]\d{0,18})(\.\d{1,20})?([eE][+-]?\d{1,3})?$/)
const numbers = fc.oneof(
  digits,
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.constantFrom('0', '-0', '0.1', '9007199254740991', '9007199254740993', '-9007199254740992', '9223372036854775807'),
  fc.constantFrom('9223372036854775808', '123456789012345678', '1e400', '0.30000000000000004', '5e-324', '2147483648'),
)
const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }).map((text) => JSON.stringify(text)),
  fc.constantFrom('"a\\u0041"', '"\\/"', '"12.50"', '"2026-01-02"', '"2026-02-30T00:00:00.000Z"', '"7"', '""', '"ä€"'),
  fc.date({ noInvalidDate: true }).map((date) => JSON.stringify(date)),
  fc.constantFrom('"2026-01-02T23:59:59.123456Z"', '"2026-01-02T24:00:00.000Z"', '"2026-01-02T03:04:05.123+01:00"'),
)
/** What looks like a value and is none. */
const broken = fc.constantFrom(
  '01',
  '1.',
  '.5',
  '-',
  '1e',
  '+1',
  'nul',
  'True',
  '"a',
  '"\\x"',
  '"\t"',
  '1 2',
  '',
  '"a":1',
  '{}',
  '[]',
)
const scalar = fc.oneof(
  { weight: 6, arbitrary: numbers },
  { weight: 4, arbitrary: texts },
  fc.constantFrom('null', 'true', 'false'),
)
const wholes = fc.oneof(
  fc.maxSafeInteger().map(String),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
)
const instants = fc
  .date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((at) => JSON.stringify(at))
/** Mostly what fits a column of each type. */
const fitting = [
  numbers,
  wholes,
  texts,
  fc.constantFrom('true', 'false'),
  instants,
  fc.constant('"2026-01-02"'),
  fc.integer().map(String),
  fc.integer().map((n) => `"${n}.25"`),
]
const mostly = (fits: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 90, arbitrary: fits },
    { weight: 6, arbitrary: fc.constant('null') },
    { weight: 1, arbitrary: scalar },
    { weight: 1, arbitrary: broken },
  )

const line = fc
  .tuple(
    fc.constantFrom('', ' ', '\r'),
    mostly(instants),
    fc.tuple(...fitting.map(mostly)),
    fc.tuple(mostly(wholes), mostly(texts), mostly(wholes), mostly(scalar), mostly(numbers), mostly(texts)),
    fc.constantFrom(
      '{}',
      '{}',
      '{"v__0":"STALE"}',
      '{"V__0":"STALE"}',
      'null',
      '{"v__1":"OUTSIDE_MAX_AGE"}',
      '{"v__1":"STALE"}',
      '{"v__1":"OUTSIDE_MAX_AGE","v__2":"STALE"}',
      '{"v__1":"STALE","v__2":"OUTSIDE_MAX_AGE"}',
      '{"v__1":{"of":"OUTSIDE_MAX_AGE"}}',
      '{"v__1":true}',
    ),
    fc.tuple(
      fc.constantFrom(
        '',
        '',
        '',
        '"times":{"v":{"time":T,"ageSeconds":60}},',
        '"times":{"v":{"time":T,"ageSeconds":60}},',
        '"times":{"v":{"time":T,"ageSeconds":60}},',
        '"times":{"v":{"time":[T]}},',
        '"times":3,',
      ),
      fc.constantFrom('', '', '', '"definitions":{"v":D},', '"definitions":{"v":D},', '"definitions":{"v":[D]},'),
      fc.constantFrom(
        '',
        '',
        '',
        '"request":{"amount":A},',
        '"request":{"amount":A},',
        '"request":{"amount":{"eur":A}},',
      ),
      fc.constantFrom('', '', '', '', '"served__v__time":T,', '"served__v__withheld":true,'),
      mostly(instants),
      mostly(texts),
      mostly(numbers),
    ),
    fc.constantFrom(
      '{"p":P,"m":[P,Q]}',
      '{"p":P,"m":[P,Q]}',
      '{"p":P,"m":[P,Q]}',
      '{"m":[[P],[Q]],"p":P}',
      '{"m":[[P],[Q]],"p":P}',
      '{"p":P}',
      '{"p":P}',
      '{"p":P}',
      '{"m":[P,Q]}',
      '{"p":P,"p":P}',
      '3',
      '{"p":{"q":P}}',
    ),
  )
  .map(([space, at, values, [key, role, row, other, p, q], missing, served, prediction]) => {
    const [times, definitions, request, alike, time, definition, amount] = served
    const facts = `${times}${definitions}${request}`
      .replaceAll('T', () => time)
      .replaceAll('D', () => definition)
      .replaceAll('A', () => amount)
    const cells = values.map((value, index) => `"v__${index}":${space}${value}`).join(',')
    const outputs = prediction.replaceAll('P', () => p).replaceAll('Q', () => q)
    return (
      `{"time":${at},"row":${row},"role":${role},"x":[${other},{"y":${other}}],"keys":{"site"${space}:${key}},` +
      `"values":{${alike.replace('T', () => time)}${cells}},${facts}"missing":${missing},"prediction":${outputs}}${space}`
    )
  })

describe('a reader that knows the shape of lines', () => {
  it('reads what one reads that parses every line', () => {
    let [rows, total] = [0, 0]
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 12 }), (drawn) => {
        // Once more in another order, so that shapes are known then.
        const lines = [...drawn, ...drawn.toReversed()]
        const quick = outcomes(new PredictionReader(columns, new Map()).read('f', blockOf(lines)))
        const slow = lines.flatMap((one, index) =>
          outcomes(new PredictionReader(columns, new Map()).read('f', blockOf([one], index + 1))),
        )
        expect(quick).toEqual(slow)
        rows += quick.filter(([, cells]) => typeof cells !== 'string').length
        total += lines.length
      }),
      { numRuns: 100 },
    )
    expect(rows / total).toBeGreaterThan(0.25)
  })
  it('leaves nothing of a line that did not fit, nor of the block before', () => {
    const reader = new PredictionReader(OWN_COLUMNS, new Map())
    const ofKwh = (kwh: unknown): string =>
      logLine({ values: { usage__kwh_1d: kwh, usage__kind: 'x' }, role: 'shadow' })
    const first = reader.read('a', blockOf([ofKwh(1), ofKwh(2), ofKwh('much'), logLine({ values: {} })]))
    expect(
      outcomes(first).map(([number, cells]) => [number, Array.isArray(cells) ? cells.slice(6, 11) : cells]),
    ).toEqual([
      [1, ['shadow', 'a', 1n, 1, 'x']],
      [2, ['shadow', 'a', 2n, 2, 'x']],
      [3, 'usage__kwh_1d is a string that does not fit a column of type double'],
      [4, [null, 'a', 4n, null, null]],
    ])
    const second = reader.read('b', blockOf([logLine({ values: {} })]))
    expect(outcomes(second).map(([, cells]) => (cells as readonly unknown[]).slice(6, 11))).toEqual([
      [null, 'b', 1n, null, null],
    ])
    expect(second.keys).toEqual(['customer_id'])
  })
  it('needs no more memory for values that are deep in lists', () => {
    const many = 30_000
    const deep = logLine({ x: 0 }).replace('"x":0', `"x":${'['.repeat(many)}1${',1'.repeat(many)}${']'.repeat(many)}`)
    const { batch } = new PredictionReader(OWN_COLUMNS, new Map()).read('a', blockOf([deep, deep]))
    expect(batch.rows).toBe(2)
  })
  it('knows a key whose column came later, with lines that have it as a value', () => {
    const reader = new PredictionReader(OWN_COLUMNS, new Map())
    const ofSite = (site: unknown): string => logLine({ keys: { site } })
    const asValue = logLine({ keys: {}, values: { site: 'x' } })
    reader.read('a', blockOf([ofSite(null), asValue]))
    expect(reader.read('b', blockOf([ofSite('y')])).keys).toEqual(['site'])
  })
})

it.each(['2026-02-30T00:00:00.000Z', '2026-04-31T00:00:00Z', 'in 12Z', '7Z', '2026-01-10Z', '2026-01-10T06:00:00.000'])(
  'a line of %s is not of another time',
  (time) => {
    const reader = new PredictionReader([...OWN_COLUMNS, { name: 'v__at', type: 'timestamp' }], new Map())
    const at = '2026-01-10T06:00:00.000Z'
    const lines = [logLine({ time: at, values: { v__at: at } }), logLine({ time, values: { v__at: at } })]
    const { batch, rejected } = reader.read('a', blockOf([...lines, logLine({ time: at, values: { v__at: time } })]))
    expect(batch.rows).toBe(1)
    expect(rejected).toEqual([
      { line: 2, reason: 'its time is not an ISO 8601 instant in UTC' },
      { line: 3, reason: 'v__at is a string that does not fit a column of type timestamp' },
    ])
  },
)

it.each([
  ['2026-02-28T23:59:59.999Z', 1_772_323_199_999_000n],
  ['2024-02-29T00:00:00.000001Z', 1_709_164_800_000_001n],
  ['2026-01-10 06:00Z', 1_768_024_800_000_000n],
  ['2026-01-10T24:00:00Z', 1_768_089_600_000_000n],
  ['0001-01-01T00:00:00Z', -62_135_596_800_000_000n],
  ['+010000-01-01T00:00:00.5Z', 253_402_300_800_500_000n],
])('the instant %s has its microseconds', (time, micros) => {
  expect(instantMicros(time)).toBe(micros)
})

it('numbers of lines are those of JSON to the last bit', () => {
  const line = new LineTokens()
  fc.assert(
    fc.property(fc.array(numbers, { minLength: 1, maxLength: 30 }), (drawn) => {
      const bytes = Buffer.from(`[${drawn.join(',')}]`)
      expect(line.scan(bytes, 0, bytes.length)).toBe(true)
      expect(line.count).toBe(drawn.length)
      drawn.forEach((text, token) => {
        const value = line.value(token)
        const parsed: unknown = JSON.parse(text)
        if (typeof value === 'bigint') expect(value).toBe(BigInt(text))
        else expect(Object.is(value, parsed)).toBe(true)
      })
    }),
  )
})
