import { expect, test } from 'vitest'
import { heldBytes } from '../../src/http/body/held-bytes.ts'

test('one of several callers holds half, and leaves the rest to the others', () => {
  const held = heldBytes('Unread answers', 100, () => true)
  const greedy = held.of('greedy')
  expect(greedy.take(50)).toBe(true)
  expect(greedy.full()).toBe(true)
  expect(held.of('greedy').take(1)).toBe(false)
  expect(held.of('other').full()).toBe(false)
  expect(held.of('other').take(50)).toBe(true)
  expect(held.of('third').full()).toBe(true)
  expect(held.of('third').refusal().message).toMatch(/of all requests together hold 100 bytes/)
  held.of('greedy').give(50)
  expect(held.bytes).toBe(50)
  expect(held.of('other').full()).toBe(true)
  expect(held.of('other').refusal().message).toMatch(/of one caller hold 50 bytes/)
  expect(greedy.full()).toBe(false)
})

test('a caller alone holds everything', () => {
  const held = heldBytes('Request bodies', 100, () => false)
  expect(held.of('only').take(100)).toBe(true)
  expect(held.of('only').take(1)).toBe(false)
  expect(held.of('only').refusal().message).toMatch(/of all requests together hold 100 bytes/)
  held.of('only').give(100)
  expect(held.bytes).toBe(0)
})

test('a refusal names the limit that a piece would exceed', () => {
  const held = heldBytes('Request bodies', 100, () => true)
  for (const caller of ['first', 'second', 'third']) expect(held.of(caller).take(30)).toBe(true)
  expect(held.of('fourth').take(20)).toBe(false)
  expect(held.of('fourth').refusal(20).message).toMatch(/of all requests together hold 100 bytes/)
  held.of('second').give(30)
  expect(held.of('first').take(21)).toBe(false)
  expect(held.of('first').refusal(21).message).toMatch(/of one caller hold 50 bytes/)
})

test('what can no longer be refused is counted beyond the limit', () => {
  const held = heldBytes('Unread answers', 100, () => true)
  held.of('greedy').add(80)
  expect(held.of('other').take(30)).toBe(false)
  expect(held.of('other').take(20)).toBe(true)
})
