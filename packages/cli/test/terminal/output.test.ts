import { MartletError, visibleText } from '@martlet/warehouse'
import { describe, expect, it, vi } from 'vitest'
import { suggestion } from '../../src/config/suggestion.ts'
import { painter, printable } from '../../src/terminal/paint.ts'
import { facts, table, wrapped } from '../../src/terminal/table.ts'
import { errorText } from '../../src/terminal/error-text.ts'
import { jsonText } from '../../src/terminal/terminal.ts'
import { ageWords, bytesWords, counted, instantWords } from '../../src/terminal/words.ts'

const plain = (_: string, text: string): string => text

/** The colours of a terminal, whatever this process runs under. */
function colours(): ReturnType<typeof painter> {
  vi.stubEnv('NO_COLOR', '')
  vi.stubEnv('TERM', 'xterm')
  const paint = painter({ isTTY: true })
  vi.unstubAllEnvs()
  return paint
}

const HOSTILE = [
  '\u001b[2J',
  '\u001b[31mred\u001b[39m',
  '\u001b]52;c;aGk=\u0007',
  '\u001b]8;;http://x\u001b\\link',
  '\u009b2J',
  '\u009d52;c;aGk=\u009c',
  '\rdone',
  'a\b\b',
  'a\u007f',
  '\u0000',
  '\u000b',
  '\u000c',
  '\u202egnp.exe',
  '\u2066x\u2069',
  '\u200f',
  '\u061c',
  '\u2028',
  '\u0085',
  '\u0090q\u009c',
]

describe('what people read', () => {
  it('tables align words left and numbers right, and wrap the last column under itself', () => {
    const text = table(
      [{ title: 'view' }, { title: 'rows', right: true }, { title: 'why' }],
      [
        ['usage', '1,200', 'it is the first run of this view in here'],
        ['a', '7', 'x'],
      ],
      plain,
      46,
    )
    expect(text).toBe(
      [
        'view    rows  why',
        'usage  1,200  it is the first run of this view',
        '              in here',
        'a          7  x',
      ].join('\n'),
    )
  })

  it('a last column without room stands on lines of its own', () => {
    const text = table([{ title: 'a long title' }, { title: 'why' }], [['x', 'one two three four five six']], plain, 30)
    expect(text).toBe(['a long title', '    why', 'x', '    one two three four five', '    six'].join('\n'))
  })

  it('colours do not count as width', () => {
    const paint = colours()
    const [, first, second] = printable(
      table(
        [{ title: 'a' }, { title: 'b' }],
        [
          [paint('red', 'red'), 'x'],
          ['plain', 'y'],
        ],
        plain,
        80,
      ),
    ).split('\n')
    expect(first).toBe('\u001b[31mred\u001b[39m    x')
    expect(second).toBe('plain  y')
  })

  it('a word longer than the line stands alone', () => {
    expect(wrapped('a loooooong word', 5)).toEqual(['a', 'loooooong', 'word'])
  })

  it.each([
    ['2026-01-31T00:00:00.000000Z', '2026-01-31'],
    ['2026-01-31T06:00:00.000000Z', '2026-01-31 06:00'],
    ['2026-01-31T06:00:30.500000Z', '2026-01-31 06:00:30.5'],
    [null, '–'],
    [1_769_839_200_000_000n, '2026-01-31 06:00'],
  ])('%s is %s', (instant, words) => {
    expect(instantWords(instant)).toBe(words)
  })

  it('counts, ages and sizes', () => {
    expect([counted(1, 'view'), counted(1200, 'row')]).toEqual(['1 view', '1,200 rows'])
    expect([ageWords(500), ageWords(60_000), ageWords(3_600_000), ageWords(7_200_000), ageWords(864_000_000)]).toEqual([
      '0.5 s',
      '60 s',
      '60 min',
      '2.0 h',
      '10 d',
    ])
    expect([bytesWords(12), bytesWords(1500), bytesWords(2_500_000)]).toEqual(['12 B', '1.5 kB', '2.5 MB'])
  })

  it('a near name is suggested, a far one is not', () => {
    expect(suggestion('custmer_usage', ['calendar', 'customer_usage'], 'views')).toBe('Did you mean customer_usage?')
    expect(suggestion('weather', ['calendar', 'customer_usage'], 'views')).toBe('There are calendar, customer_usage.')
    expect(suggestion('weather', [], 'views')).toBe('There are no views yet.')
  })
})

it('whole numbers beyond 2^53 are text in JSON', () => {
  expect(jsonText({ big: 9_007_199_254_740_993n })).toBe('{"big":"9007199254740993"}')
})

describe('control characters', () => {
  // oxlint-disable-next-line no-control-regex
  const steering = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/
  // oxlint-disable-next-line no-control-regex
  const OURS = /\u001b\[(?:1|2|22|31|32|33|36|39)m/g

  it.each(HOSTILE)('%j is shown, wherever it stands', (text) => {
    const paint = colours()
    const columns = [{ title: 'name' }, { title: 'rows', right: true }, { title: 'why' }]
    const texts = [
      text,
      paint('red', text),
      `${paint('bold', 'a')}${text}${paint('dim', 'b')}`,
      table(columns, [[text, text, text]], paint, 60),
      facts([['name', text]], 60).join('\n'),
      errorText(new MartletError('X', text, { cause: new Error(text) }), { paint, width: 60, verbose: true }),
    ]
    for (const one of texts) expect(printable(one).replaceAll(OURS, '')).not.toMatch(steering)
    expect(printable(text)).toBe(visibleText(text))
    expect(jsonText({ text })).not.toMatch(steering)
    expect(JSON.parse(jsonText({ text }))).toEqual({ text })
  })

  it('colours of ours are kept, and nested ones close in turn', () => {
    const paint = colours()
    expect(printable(paint('bold', `a ${paint('red', 'b')} c\n\td`))).toBe(
      '\u001b[1ma \u001b[31mb\u001b[39m c\n\td\u001b[22m',
    )
  })

  it('escaped cells are as wide as they are shown, and a newline in a cell begins no row', () => {
    const text = printable(
      table(
        [{ title: 'name' }, { title: 'b' }],
        [
          ['a\u001b', '1'],
          ['x\ny', '2'],
        ],
        plain,
        80,
      ),
    )
    expect(text).toBe(['name      b', 'a\\u001b   1', 'x\\u000ay  2'].join('\n'))
  })
})
