import { describe, expect, it } from 'vitest'
import { nearest } from '../../src/config/nearest.ts'
import { table, wrapped } from '../../src/terminal/table.ts'
import { jsonText } from '../../src/terminal/terminal.ts'
import { ageWords, bytesWords, counted, instantWords } from '../../src/terminal/words.ts'

const plain = (_: string, text: string): string => text

describe('what people read', () => {
  it('tables align words left and numbers right, and wrap the last column under itself', () => {
    const text = table([{ title: 'view' }, { title: 'rows', right: true }, { title: 'why' }], [['usage', '1,200', 'it is the first run of this view in here'], ['a', '7', 'x']], plain, 46)
    expect(text).toBe(['view    rows  why', 'usage  1,200  it is the first run of this view', '              in here', 'a          7  x'].join('\n'))
  })

  it('a last column without room stands on lines of its own', () => {
    const text = table([{ title: 'a long title' }, { title: 'why' }], [['x', 'one two three four five six']], plain, 30)
    expect(text).toBe(['a long title', '    why', 'x', '    one two three four five', '    six'].join('\n'))
  })

  it('colours do not count as width', () => {
    const paint = (_: string, text: string): string => `\u001b[31m${text}\u001b[39m`
    const [, first, second] = table([{ title: 'a' }, { title: 'b' }], [[paint('', 'red'), 'x'], ['plain', 'y']], plain, 80).split('\n')
    expect(first).toBe(`${paint('', 'red')}    x`)
    expect(second).toBe('plain  y')
  })

  it('a word longer than the line stands alone', () => {
    expect(wrapped('a loooooong word', 5)).toEqual(['a', 'loooooong', 'word'])
  })

  it.each([
    ['2026-01-31T00:00:00.000000Z', '2026-01-31'], ['2026-01-31T06:00:00.000000Z', '2026-01-31 06:00'], ['2026-01-31T06:00:30.500000Z', '2026-01-31 06:00:30.5'], [null, '–'],
    [1_769_839_200_000_000n, '2026-01-31 06:00'],
  ])('%s is %s', (instant, words) => {
    expect(instantWords(instant)).toBe(words)
  })

  it('counts, ages and sizes', () => {
    expect([counted(1, 'view'), counted(1200, 'row')]).toEqual(['1 view', '1,200 rows'])
    expect([ageWords(500), ageWords(60_000), ageWords(3_600_000), ageWords(7_200_000), ageWords(864_000_000)]).toEqual(['0.5 s', '60 s', '60 min', '2.0 h', '10 d'])
    expect([bytesWords(12), bytesWords(1500), bytesWords(2_500_000)]).toEqual(['12 B', '1.5 kB', '2.5 MB'])
  })

  it('a near name is suggested, a far one is not', () => {
    expect(nearest('custmer_usage', ['calendar', 'customer_usage'])).toBe('customer_usage')
    expect(nearest('weather', ['calendar', 'customer_usage'])).toBeUndefined()
  })
})

it('whole numbers beyond 2^53 are text in JSON', () => {
  expect(jsonText({ big: 9_007_199_254_740_993n })).toBe('{"big":"9007199254740993"}')
})
