import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { trapTable } from './trap-table.ts'

const packages = join(import.meta.dirname, '../../..')

it('all 26 traps have a test', () => {
  expect(Object.keys(trapTable).map(Number)).toEqual(Array.from({ length: 26 }, (_, index) => index + 1))
  for (const { tests } of Object.values(trapTable)) expect(tests.length).toBeGreaterThan(0)
})

it.each(
  Object.entries(trapTable).flatMap(([number, { trap, tests }]) => tests.map((one) => ({ number, trap, ...one }))),
)('trap $number, $trap: $file has its test', ({ file, test }) => {
  const titles = [
    ...readFileSync(join(packages, file), 'utf8').matchAll(
      /\b(?:it|test)(?:\.each(?:<[^>]*>)?\((?:[^()]|\([^()]*\))*\))?\(\s*(['"`])((?:\\.|(?!\1).)*)\1/gs,
    ),
  ].map((match) => match[2]?.replaceAll('\\', '') ?? '')
  expect(
    titles.filter((title) => title.startsWith(test)),
    titles.join('\n'),
  ).toHaveLength(1)
})
