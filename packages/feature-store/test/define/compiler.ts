import { execFile } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/** A wrong definition, and what the compiler must say about it. */
export type Mistake = readonly [name: string, code: string, says: string]

/**
 * Compiles each mistake in a file of its own, which begins with `head`, beside `marts.ts`, which must be right.
 */
export function expectMistakes(marts: string, head: string, mistakes: readonly Mistake[]): void {
  const root = join(import.meta.dirname, '../../../..')
  const folder = join(import.meta.dirname, '../../.tmp', `mistakes-${process.pid}`)
  let output = ''

  beforeAll(async () => {
    await mkdir(folder, { recursive: true })
    const options = {
      noEmit: true,
      emitDeclarationOnly: false,
      composite: false,
      incremental: false,
      declaration: false,
      customConditions: ['@martlet/source'],
    }
    const config = { extends: join(root, 'tsconfig.test.json'), compilerOptions: options, include: ['*'] }
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config))
    await writeFile(join(folder, 'marts.ts'), marts)
    await Promise.all(
      mistakes.map(([, code], index) =>
        writeFile(join(folder, file(index)), `${head}\nexport const mistake = ${code}\n`),
      ),
    )
    const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc')
    output = await new Promise((resolve) => {
      execFile(process.execPath, [tsc, '-p', folder], { cwd: folder, maxBuffer: 1 << 24 }, (_, stdout) =>
        resolve(stdout),
      )
    })
  }, 120_000)

  afterAll(async () => rm(folder, { recursive: true, force: true }))

  describe('what the compiler says about', () => {
    test.each(mistakes.map(([name, , says], index) => [name, says, index] as const))('%s', (_, says, index) => {
      expect(errorsOf(output, file(index))).toContain(says)
    })

    test('definitions that are right: nothing', () => {
      expect(errorsOf(output, 'marts.ts')).toBe('')
    })
  })
}

const file = (index: number): string => `mistake-${index}.ts`

/** The compiler's errors in one file, with their indented details. */
function errorsOf(output: string, name: string): string {
  const lines = output.split('\n')
  const start = lines.findIndex((line) => line.startsWith(`${name}(`))
  if (start < 0) return ''
  const length = lines.slice(start + 1).findIndex((line) => !line.startsWith(' ') && !line.startsWith(`${name}(`))
  return lines.slice(start, length < 0 ? undefined : start + 1 + length).join('\n')
}
