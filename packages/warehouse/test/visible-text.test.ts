import fc from 'fast-check'
import { expect, it } from 'vitest'
import { visibleText } from '@martlet/warehouse'

it('every control and direction character becomes its escape, and nothing else changes', () => {
  const escaped = Array.from({ length: 0x1_0000 }, (_, code) => code).filter(
    (code) => visibleText(String.fromCharCode(code)) !== String.fromCharCode(code),
  )
  const range = (from: number, to: number): readonly number[] =>
    Array.from({ length: to - from + 1 }, (_, i) => from + i)
  expect(escaped).toEqual([
    ...range(0, 8),
    ...range(0x0b, 0x1f),
    ...range(0x7f, 0x9f),
    0x61c,
    0x200e,
    0x200f,
    ...range(0x2028, 0x202e),
    ...range(0x2066, 0x2069),
  ])
  expect(visibleText('Zürich 🚕 \u{1f468}\u200d\u{1f469}\n\tنص \u001b[2J\u202e')).toBe(
    'Zürich 🚕 \u{1f468}\u200d\u{1f469}\n\tنص \\u001b[2J\\u202e',
  )
})

it('JSON stays the same JSON', () => {
  fc.assert(
    fc.property(
      fc.jsonValue({
        stringUnit: fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.constantFrom('\u007f', '\u009b', '\u202e', '\u001b', '\\'),
        ),
      }),
      (value) => {
        expect(JSON.parse(visibleText(JSON.stringify(value)))).toEqual(JSON.parse(JSON.stringify(value)))
      },
    ),
  )
})
