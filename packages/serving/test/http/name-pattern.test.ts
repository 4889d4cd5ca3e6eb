import process from 'node:process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { matchesPattern } from '../../src/http/access/name-pattern.ts'

/** The slow, obvious way: a pattern begins with a star, which takes nothing or one more character, or with a character. */
function matchesSlowly(pattern: string, name: string): boolean {
  if (pattern === '') return name === ''
  if (pattern[0] === '*')
    return matchesSlowly(pattern.slice(1), name) || (name !== '' && matchesSlowly(pattern, name.slice(1)))
  return name !== '' && name[0] === pattern[0] && matchesSlowly(pattern.slice(1), name.slice(1))
}

test('a pattern matches as defined, on every name that is short enough for the slow way', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', '_'), maxLength: 9 })
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '_', '*'), maxLength: 7 })
  fc.assert(
    fc.property(pattern, word, (given, name) => matchesPattern(given, name) === matchesSlowly(given, name)),
    { numRuns: 5000 },
  )
})

test.each([
  ['next_*', 'next_day', true],
  ['next_*', 'the_next_day', false],
  ['*', '', true],
  ['', '', true],
  ['', 'a', false],
  ['a*a', 'a', false],
  ['*.x', 'a.x', true],
  ['a.c', 'abc', false],
  ['(a+)+*', '(a+)+b', true],
])('%s and %s: %s', (pattern, name, expected) => expect(matchesPattern(pattern, name)).toBe(expected))

test('time grows with the length of the name, whatever the pattern', () => {
  const name = '_eu_v'.repeat(200_000)
  const begin = process.threadCpuUsage()
  for (const pattern of ['*_eu_*_v*_x', `${'*_eu'.repeat(50)}*x`, `${'*v'.repeat(500)}*x`])
    expect(matchesPattern(pattern, name)).toBe(false)
  // A million characters; with backtracking, 15,000 of them took half a minute.
  expect(process.threadCpuUsage(begin).user).toBeLessThan(2_000_000)
})
