import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keyCodec } from '../../src/online/key-codec.ts'
import { temporalKey, type TemporalKeyType } from '../../src/index.ts'

const day = (text: string): bigint => BigInt(Date.parse(`${text}T00:00:00Z`)) / 86_400_000n
const micros = (text: string): bigint => BigInt(Date.parse(text)) * 1000n

describe('temporalKey', () => {
  it.each([
    ['2026-01-31', day('2026-01-31')],
    ['2024-02-29', 19_782n],
    ['2000-02-29', day('2000-02-29')],
    ['1969-12-31', -1n],
    ['1970-01-01', 0n],
    ['0000-01-01', -719_528n],
    ['9999-12-31', 2_932_896n],
    [new Date('2026-01-31'), day('2026-01-31')],
    [new Date(-86_400_000), -1n],
  ])('takes the date %s', (value, expected) => {
    expect(temporalKey('date', value)).toBe(expected)
  })

  it.each([
    '2026-02-29',
    '2026-02-30',
    '1900-02-29',
    '2026-04-31',
    '2026-13-01',
    '2026-00-10',
    '2026-01-00',
    '2026-01-32',
    '10000-01-01',
    '-000001-01-01',
    '+002026-01-01',
    '2026-1-31',
    '2026-01-31T00:00:00Z',
    '2026-01-31\n',
    ' 2026-01-31',
    '٢٠٢٦-01-31',
    '',
    'today',
    20_484,
    20_484n,
    null,
    undefined,
    true,
    {},
    ['2026-01-31'],
    new Date(1),
    new Date(Number.NaN),
    new Date('2026-01-31T24:00:00.001Z'),
  ])('refuses the date %s', (value) => {
    expect(temporalKey('date', value)).toBeUndefined()
  })

  it.each<[unknown, bigint]>([
    ['2026-01-31T09:30:00Z', micros('2026-01-31T09:30:00Z')],
    ['2024-02-29T23:59:59.999999Z', micros('2024-02-29T23:59:59Z') + 999_999n],
    ['2026-01-31T09:30:00.1Z', micros('2026-01-31T09:30:00Z') + 100_000n],
    ['1969-12-31T23:59:59.999999Z', -1n],
    ['0000-01-01T00:00:00Z', micros('0000-01-01T00:00:00Z')],
    ['9999-12-31T23:59:59Z', micros('9999-12-31T23:59:59Z')],
    [new Date('2026-01-31T09:30:00.123Z'), micros('2026-01-31T09:30:00.123Z')],
    [2n ** 63n - 1n, 2n ** 63n - 1n],
    [-(2n ** 63n), -(2n ** 63n)],
  ])('takes the timestamp %s', (value, expected) => {
    expect(temporalKey('timestamp', value)).toBe(expected)
  })

  it.each([
    '2026-02-29T00:00:00Z',
    '2026-02-30T09:30:00Z',
    '2026-01-31T24:00:00Z',
    '2026-01-31T25:00:00Z',
    '2026-01-31T09:60:00Z',
    '2026-01-31T09:30:60Z',
    '2016-12-31T23:59:60Z',
    '2026-01-31T09:30:00.1234567Z',
    '2026-01-31T09:30:00.Z',
    '2026-01-31T09:30:00',
    '2026-01-31T09:30:00+00:00',
    '2026-01-31T09:30Z',
    '2026-01-31t09:30:00z',
    '2026-01-31 09:30:00Z',
    '2026-01-31',
    '10000-01-01T00:00:00Z',
    '+010000-01-01T00:00:00Z',
    '2026-01-31T09:30:00Z\n',
    '',
    0,
    1.5,
    null,
    undefined,
    new Date(Number.NaN),
    2n ** 63n,
    -(2n ** 63n) - 1n,
  ])('refuses the timestamp %s', (value) => {
    expect(temporalKey('timestamp', value)).toBeUndefined()
  })

  it('reads back every day and instant that a Date prints', () => {
    const within = fc.date({
      min: new Date('0000-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    })
    fc.assert(
      fc.property(within, (date) => {
        const text = date.toISOString()
        expect(temporalKey('timestamp', text)).toBe(temporalKey('timestamp', date))
        expect(temporalKey('date', text.slice(0, 10))).toBe(BigInt(Math.floor(date.getTime() / 86_400_000)))
      }),
    )
  })

  it('takes a value exactly when the encoder of online keys does', () => {
    const two = fc.integer({ min: 0, max: 99 }).map((part) => String(part).padStart(2, '0'))
    const date = fc
      .tuple(fc.integer({ min: 0, max: 10_050 }), two, two)
      .map(([year, month, dayOfMonth]) => `${String(year).padStart(4, '0')}-${month}-${dayOfMonth}`)
    const instant = fc
      .tuple(date, two, two, two)
      .map(([first, hour, minute, second]) => `${first}T${hour}:${minute}:${second}Z`)
    const check = (type: TemporalKeyType, value: string): void => {
      const encode = (): Buffer => keyCodec([{ name: 'k', type }]).encode({ k: value })
      if (temporalKey(type, value) === undefined)
        expect(encode).toThrow(expect.objectContaining({ code: 'BAD_ENTITY_KEY' }))
      else expect(encode().length).toBe(9)
    }
    fc.assert(
      fc.property(date, instant, (first, second) => {
        check('date', first)
        check('timestamp', second)
      }),
    )
  })
})
