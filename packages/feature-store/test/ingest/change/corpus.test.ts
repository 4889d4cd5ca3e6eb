import { describe, expect, it } from 'vitest'
import { changeReader } from '../../../src/ingest/change/read-changes.ts'
import { corpus, readCase } from './corpus.ts'

const cases = corpus()

describe('the messages of the corpus', () => {
  it('are more than 300, of every kind', () => {
    expect(cases.length).toBeGreaterThan(300)
    expect(new Set(cases.map(({ file }) => file)).size).toBe(8)
  })

  for (const one of cases) {
    it(`${one.file}: ${one.about}`, () => {
      expect(readCase(one)).toStrictEqual(one.expect)
    })
  }
})

it('cut off anywhere, a message is rejected or read, and never an exception', () => {
  for (const { plan, message, key } of cases.filter((_, index) => index % 7 === 0)) {
    const read = changeReader(plan)
    for (let length = 0; length < message.length; length += 13) {
      const { kind } = read(message.slice(0, length), { position: 1n, at: 0n }, key)
      expect(['changes', 'skipped', 'rejected']).toContain(kind)
    }
  }
})

it('every message that is rejected says why, in words', () => {
  for (const { plan, message, key } of cases) {
    const read = changeReader(plan)(message, { position: 1n, at: 0n }, key)
    if (read.kind !== 'rejected') continue
    expect(read.faults.length).toBeGreaterThan(0)
    for (const { message: text } of read.faults) expect(text).toMatch(/^[a-z_]+ \S/)
  }
})
