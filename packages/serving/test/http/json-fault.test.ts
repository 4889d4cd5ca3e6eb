import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findJsonFault } from '../../src/http/body/json-fault.ts'

test.each([
  ['', 0, 'the end of the body'],
  ['{"keys":[1,]}', 11, '"]"'],
  ['{"keys" 1}', 8, '"1"'],
  ['{"keys":NaN}', 8, '"N"'],
  ["{'keys':1}", 1, '"\'"'],
  ['{"a":1}x', 7, '"x"'],
  ['[1 2]', 3, '"2"'],
  ['{"a":01}', 6, '"1"'],
  ['{"a":"b', 7, 'the end of the body'],
  ['{"a":"\\x"}', 6, '"\\\\"'],
  ['{"a":"tab\there"}', 9, '"\\t"'],
  ['{,}', 1, '","'],
  ['{"a":1,}', 7, '"}"'],
  ['[}', 1, '"}"'],
])('%j goes wrong at offset %i', (text, offset, found) => {
  expect(findJsonFault(text)).toMatchObject({ offset, found })
})

test('counts lines and columns from 1', () => {
  expect(findJsonFault('{\n  "keys": [,\n')).toMatchObject({ line: 2, column: 12 })
})

test('a long body does not exhaust the stack', () => {
  const text = `{"a":"${'x\\n'.repeat(300_000)}"`
  expect(findJsonFault(text)).toMatchObject({ offset: text.length })
  expect(findJsonFault('['.repeat(500_000))).toMatchObject({ offset: 500_000 })
})

test('the fault is at the end of the longest prefix that can still become JSON', () => {
  const broken = fc
    .tuple(fc.json(), fc.nat(), fc.constantFrom('}', ']', ',', ':', '"', 'x', '\u0001', ''))
    .map(([json, at, noise]) => {
      const place = at % (json.length + 1)
      return json.slice(0, place) + noise + json.slice(place + 1)
    })
  fc.assert(
    fc.property(
      broken.filter((text) => !parses(text)),
      (text) => {
        const { offset } = findJsonFault(text)
        // Before the fault nothing is wrong: cut there, the text only lacks its end.
        expect(findJsonFault(text.slice(0, offset)).found).toBe('the end of the body')
      },
    ),
  )
})

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
