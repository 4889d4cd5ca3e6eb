import { describe, expect, test } from 'vitest'
import { nearestName } from '../src/nearest-name.ts'

describe('a misspelled name', () => {
  test.each([
    ['engien', ['warehouse', 'engine'], 'engine', 'two neighbours are swapped'],
    ['usge', ['usage', 'users'], 'usage', 'a letter is missing'],
    ['monitorrs', ['monitors'], 'monitors', 'a letter is doubled'],
    ['CUSTOMERID', ['customer_id'], 'customer_id', 'case does not count'],
    ['Usage', ['usage'], 'usage', 'only the case differs'],
    ['consumtion_mean', ['consumption_max', 'consumption_mean'], 'consumption_mean', 'the closest one wins'],
    ['kwn', ['kwa', 'kwb'], 'kwa', 'of equally close names the first'],
  ])('%s of %j is %s: %s', (name, candidates, meant) => {
    expect(nearestName(name, candidates)).toBe(meant)
  })
})

describe('no name is suggested', () => {
  test.each([
    ['id', ['db', 'kw'], 'short names that share a letter are different names'],
    ['kwh', ['km'], 'two edits of three letters'],
    ['temperature', ['pressure'], 'another word'],
    ['usage', ['usage'], 'the name itself, which would be no help'],
    ['usage', [], 'there are no names'],
    ['x'.repeat(129), ['x'.repeat(128)], 'a name that nobody typed'],
  ])('%s of %j: %s', (name, candidates) => {
    expect(nearestName(name, candidates)).toBeUndefined()
  })
})

test('an edit is allowed per three letters', () => {
  expect(nearestName('abcdef', ['abcdxy'])).toBe('abcdxy')
  expect(nearestName('abcde', ['abcxy'])).toBeUndefined()
})
