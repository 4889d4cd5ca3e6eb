import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pageProblems, rowsOfPage, usageProblems } from '../error-page.ts'
import { sourceCodes, type SourceCodes } from '../source-codes.ts'

const root = join(import.meta.dirname, '../../.tmp/error-page-test')
const source = `
class MartletError extends Error {
  constructor(readonly code: string, message: string) {
    super(message)
  }
}
class Problem extends MartletError {
  constructor(readonly status: number, code: string, detail: string) {
    super(code, detail)
  }
}
class TwoViewsFailed extends MartletError {
  constructor() {
    super('VIEWS_FAILED', 'two views failed')
  }
}
const environment = { SNOWFLAKE_JWT: 'SNOWFLAKE_JWT' }
function transfer(code: 'PUT_FAILED' | 'GET_FAILED', said: string): Error {
  return new MartletError(code, said)
}
const missing = { view: 'VIEW_UNKNOWN', label: 'LABEL_UNKNOWN' } as const
export function unknown(kind: keyof typeof missing): Error {
  return new Problem(404, missing[kind], 'there is none')
}
export function again(error: MartletError): Error {
  if (error.code === 'TOO_LATE') return new Problem(504, error.code, error.message)
  return new MartletError(error.code, \`row 3: \${error.message}\`)
}
export const warning = { code: 'NO_TTL', message: environment.SNOWFLAKE_JWT }
export const shown = (error: unknown): string => (error instanceof MartletError ? error.code : 'UNEXPECTED')
export const open = (code: string): Error => new MartletError(code, 'any text')
export const failed = [new TwoViewsFailed(), transfer('PUT_FAILED', 'no space')]
`
const page = `
| code           | when       |
| -------------- | ---------- |
| \`PUT_FAILED\`   | no space   |
| \`GET_FAILED\`   | no network |
| \`NO_TTL\`       | no ttl     |
| \`VIEWS_FAILED\` | two failed |
| \`UNEXPECTED\`   | no code    |

| code            | status | when      |
| --------------- | ------ | --------- |
| \`VIEW_UNKNOWN\`  | 404    | none      |
| \`LABEL_UNKNOWN\` | 404    | none      |
| \`TOO_LATE\`      | 504    | it is late |

| status      | when    |
| ----------- | ------- |
| \`NOT_FOUND\` | no row  |
`
let found: SourceCodes

beforeAll(() => {
  mkdirSync(join(root, 'packages/some/src'), { recursive: true })
  writeFileSync(join(root, 'packages/some/src/errors.ts'), source)
  found = sourceCodes(root, ['packages/*/src/**/*.ts'])
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

describe('the codes of the source', () => {
  test('are those of errors, also through parameters, tables of codes, narrowing and classes that extend one', () => {
    const codes = found.codes.map(({ code, status }) => (status === undefined ? code : `${code} ${status}`))
    expect(codes.toSorted()).toEqual([
      'GET_FAILED',
      'LABEL_UNKNOWN 404',
      'NO_TTL',
      'PUT_FAILED',
      'TOO_LATE 504',
      'UNEXPECTED',
      'VIEWS_FAILED',
      'VIEW_UNKNOWN 404',
    ])
  })

  test('are unclear where a parameter takes any text', () => {
    expect(found.unclear).toEqual(['packages/some/src/errors.ts:31'])
  })
})

describe('the page', () => {
  const clear = (): SourceCodes => ({ ...found, unclear: [] })

  test('has a row of each code, and tables of other things are not looked at', () => {
    expect(pageProblems(page, 'errors.md', clear())).toEqual([])
    expect(rowsOfPage(page)).toHaveLength(8)
  })

  test('is refused without a row, naming the code and the file', () => {
    const without = page.replace(/.*GET_FAILED.*\n/, '').replace(/.*VIEW_UNKNOWN.*\n/, '')
    expect(pageProblems(without, 'errors.md', clear())).toEqual([
      'packages/some/src/errors.ts:19  GET_FAILED is not in errors.md: add a row that says when it is met and what to do',
      'packages/some/src/errors.ts:23  VIEW_UNKNOWN with status 404 is not in errors.md: add a row that says when it is met and what to do',
    ])
  })

  test('is refused with a code that the source does not have, another status or a second row', () => {
    const more = page
      .replace('| `NO_TTL`', '| `PUT_LOST`     | gone       |\n| `NO_TTL`')
      .replace('| `TOO_LATE`      | 504 ', '| `TOO_LATE`      | 503 ')
      .replace('| `UNEXPECTED`   | no code    |', '| `UNEXPECTED`   | no code    |\n| `PUT_FAILED`   | again      |')
    expect(pageProblems(more, 'errors.md', clear())).toEqual([
      'packages/some/src/errors.ts:26  TOO_LATE with status 504 is not in errors.md: add a row that says when it is met and what to do',
      'errors.md:6  PUT_LOST is not a code of the source: remove the row',
      'errors.md:10  PUT_FAILED has a row already: keep one of them',
      'errors.md:16  TOO_LATE is not sent with status 503: correct the row',
    ])
  })

  test('is refused while a code may be any text', () => {
    expect(pageProblems(page, 'errors.md', found)).toEqual([
      'packages/some/src/errors.ts:31  this code may be any text: give it a type that names its codes',
    ])
  })

  test('lists the codes of a wrong command line', () => {
    const text = '\n### Exit codes\n\n64 means that it is wrong:\n\n`USAGE`, `VIEW_LOST`.\n\n## More\n\n`OTHER`\n'
    expect(usageProblems(text, 'errors.md', new Set(['USAGE', 'BAD_KEY']))).toEqual([
      'errors.md  exit code 64 lacks BAD_KEY: add it',
      'errors.md  VIEW_LOST does not end with 64',
    ])
  })
})
