import { describe, expect, it } from 'vitest'
import { checkStatement } from './check-statement.ts'
import { keepTexts } from './expect-allowed.ts'
import { refused } from './refused.ts'

describe('what Snowflake does not accept, or nothing prints, is refused', () => {
  it.each(refused)('$statement', ({ statement, by }) => {
    const { syntax, refused: problems } = checkStatement(statement)
    expect(syntax === null ? (problems.length > 0 ? 'list' : 'nobody') : 'grammar', problems.join('; ')).toBe(by)
  })
})

describe('the list of what is refused', () => {
  it('holds each statement once', () => {
    keepTexts(
      'refused',
      refused.map(({ statement }) => statement),
    )
    expect(new Set(refused.map(({ statement }) => statement)).size).toBe(refused.length)
  })
})
