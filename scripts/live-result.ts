/** What a run on an account showed, as packages/warehouse/test/snowflake/live/results.json keeps it. It names no account. */
export interface LiveResult {
  readonly date: string
  readonly edition: string
  readonly sdk: string
  /** Calls that send statements. */
  readonly statements: number
  readonly passed: number
  readonly failed: number
  /** By the name of the test file from packages/. */
  readonly files: Readonly<Record<string, { readonly passed: number; readonly failed: number }>>
}

/** Reads vitest's JSON report. Skipped tests are neither passed nor failed. */
export function liveResult(report: unknown, about: Pick<LiveResult, 'date' | 'edition' | 'sdk' | 'statements'>): LiveResult {
  const files = Object.fromEntries(
    list(field(report, 'testResults')).map((file) => {
      const states = list(field(file, 'assertionResults')).map((test) => field(test, 'status'))
      const name = String(field(file, 'name')).replace(/^.*\/packages\//, '')
      return [name, { passed: states.filter((state) => state === 'passed').length, failed: states.filter((state) => state === 'failed').length }]
    }),
  )
  const sum = (of: 'passed' | 'failed'): number => Object.values(files).reduce((all, one) => all + one[of], 0)
  return { ...about, passed: sum('passed'), failed: sum('failed'), files }
}

export function field(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null && name in of ? Reflect.get(of, name) : undefined
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
