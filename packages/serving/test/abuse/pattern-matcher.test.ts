import process from 'node:process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { matchesPattern } from '../../src/http/access/name-pattern.ts'

/** What a pattern means, letter by letter and regardless of speed. */
function obvious(pattern: string, name: string): boolean {
  if (pattern === '') return name === ''
  if (pattern.startsWith('*'))
    return Array.from({ length: name.length + 1 }, (_, skipped) => skipped).some((skipped) =>
      obvious(pattern.slice(1), name.slice(skipped)),
    )
  return name !== '' && pattern[0] === name[0] && obvious(pattern.slice(1), name.slice(1))
}

/** Every text over an alphabet up to a length. */
function texts(alphabet: readonly string[], length: number): readonly string[] {
  let longest = ['']
  const all = ['']
  for (let step = 0; step < length; step++) {
    longest = longest.flatMap((text) => alphabet.map((letter) => text + letter))
    all.push(...longest)
  }
  return all
}

test('every short pattern matches every short name as its definition says', () => {
  const names = texts(['a', 'b'], 6)
  const wrong = texts(['a', 'b', '*'], 5).flatMap((pattern) =>
    names.filter((name) => matchesPattern(pattern, name) !== obvious(pattern, name)).map((name) => [pattern, name]),
  )
  expect(wrong).toEqual([])
})

const letters = fc.constantFrom('a', 'b', '*', '.', '\n', '\\', '[', '?', '$', '^', '\u{1f600}')

test('any pattern matches any name as its definition says, special characters of regular expressions included', () => {
  const text = fc.array(letters, { maxLength: 9 }).map((parts) => parts.join(''))
  fc.assert(
    fc.property(text, text, (pattern, name) => {
      expect(matchesPattern(pattern, name)).toBe(obvious(pattern, name))
    }),
  )
})

test('a pattern matches what its stars are filled in with', () => {
  const part = fc.string({ maxLength: 5 }).map((text) => text.replaceAll('*', ''))
  fc.assert(
    fc.property(
      fc.array(part, { minLength: 1, maxLength: 8 }),
      fc.array(fc.string({ maxLength: 5 }), { minLength: 8, maxLength: 8 }),
      (parts, fill) => {
        const name = parts.map((text, index) => text + (index < parts.length - 1 ? fill[index] : '')).join('')
        expect(matchesPattern(parts.join('*'), name)).toBe(true)
      },
    ),
  )
})

test('the time grows no faster than the length of the pattern times that of the name', () => {
  const start = process.threadCpuUsage()
  for (const pattern of ['*_eu_*_v*_x', `${'*a'.repeat(50)}b`, '*'.repeat(1000) + 'x']) {
    expect(matchesPattern(pattern, 'a'.repeat(15_000))).toBe(false)
    expect(matchesPattern(pattern, '_eu__v'.repeat(2500))).toBe(false)
  }
  // A matcher that backtracks takes minutes or more.
  expect(process.threadCpuUsage(start).user).toBeLessThan(3_000_000)
})
