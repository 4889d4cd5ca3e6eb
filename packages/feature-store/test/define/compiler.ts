import { execFile } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/** A wrong definition, and what the compiler must say about it. */
export type Mistake = readonly [name: string, code: string, says: string]

const root = join(import.meta.dirname, '../../../..')
const OPTIONS = {
  noEmit: true,
  emitDeclarationOnly: false,
  composite: false,
  incremental: false,
  declaration: false,
  customConditions: ['@martlet/source'],
}

/** Mistakes behind imports and definitions that are right. */
export interface Mistakes {
  readonly subject: string
  readonly right: string
  readonly mistakes: readonly Mistake[]
}

/** Compiles each mistake in a file of its own; all at once, because reading the sources takes most of a compiler's time. */
export function expectMistakes(all: readonly Mistakes[]): void {
  const folder = join(root, '.tmp', `mistakes-${process.pid}`)
  let output = ''

  beforeAll(async () => {
    await mkdir(folder, { recursive: true })
    const config = { extends: join(root, 'tsconfig.test.json'), compilerOptions: OPTIONS, include: ['*/*'] }
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config))
    for (const mistakes of all) await writeMistakes(join(folder, folderOf(mistakes)), mistakes)
    const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc')
    output = await new Promise((resolve) => {
      execFile(process.execPath, [tsc, '-p', folder], { cwd: folder, maxBuffer: 1 << 24 }, (_, stdout) =>
        resolve(stdout),
      )
    })
  }, 120_000)

  afterAll(async () => rm(folder, { recursive: true, force: true }))

  describe.each(all)('what the compiler says about $subject:', (given) => {
    const errors = (name: string): string => errorsOf(output, `${folderOf(given)}/${name}`)
    test.each(given.mistakes.map(([name, , says], index) => [name, says, index] as const))('%s', (_, says, index) => {
      expect(errors(fileOf(index))).toContain(says)
    })

    test('definitions that are right: nothing', () => {
      expect(errors('right.ts')).toBe('')
    })
  })
}

const folderOf = ({ subject }: Mistakes): string => subject.replaceAll(' ', '-')
const fileOf = (index: number): string => `mistake-${index}.ts`

async function writeMistakes(folder: string, { right, mistakes }: Mistakes): Promise<void> {
  await mkdir(folder)
  await writeFile(join(folder, 'right.ts'), right)
  const names = [...right.matchAll(/export const (\w+)/g)].map(([, name]) => name).join(', ')
  const head = `import { ${names} } from './right.ts'\nvoid [${names}]\n`
  const imports = right
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('import {'))
  const used = imports.flatMap((line) => [...line.matchAll(/\{ (.*) \}/g)].map(([, list]) => list)).join(', ')
  await Promise.all(
    mistakes.map(([, code], index) =>
      writeFile(
        join(folder, fileOf(index)),
        `${imports.join('\n')}\n${head}void [${used}]\nexport const mistake = ${code}\n`,
      ),
    ),
  )
}

/** The compiler's errors in one file, with their indented details. */
function errorsOf(output: string, name: string): string {
  const lines = output.split('\n')
  const start = lines.findIndex((line) => line.startsWith(`${name}(`))
  if (start < 0) return ''
  const length = lines.slice(start + 1).findIndex((line) => !line.startsWith(' ') && !line.startsWith(`${name}(`))
  return lines.slice(start, length < 0 ? undefined : start + 1 + length).join('\n')
}
