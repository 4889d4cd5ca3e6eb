import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { Reporter, TestModule } from 'vitest/node'

export interface Counted {
  readonly project: string
  /** From the repository's root. */
  readonly file: string
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

const root = join(import.meta.dirname, '..')
/** What scripts/snowflake-verification.ts reads. */
export const countsFile: string = join(root, '.tmp/vitest-counts.json')

/** Writes how many tests of each file passed in each project; vitest's own JSON does not tell projects apart. */
export class CountsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = modules.map((module): Counted => {
      const states = [...module.children.allTests()].map((test) => test.result().state)
      const count = (state: string): number => states.filter((one) => one === state).length
      return {
        project: module.project.name.replace(/-apart$/, ''),
        file: relative(root, module.moduleId),
        passed: count('passed'),
        failed: Math.max(count('failed'), module.ok() ? 0 : 1),
        skipped: count('skipped') + count('pending'),
      }
    })
    mkdirSync(dirname(countsFile), { recursive: true })
    writeFileSync(countsFile, `${JSON.stringify(counts, null, 1)}\n`)
  }
}
