/** What a run on an account showed, as packages/warehouse/test/snowflake/live/results.json keeps it. It names no account. */
export interface LiveResult {
  readonly date: string
  readonly edition: string
  readonly sdk: string
  /** Calls that send statements. */
  readonly statements: number
  readonly passed: number
  readonly failed: number
  /** By the name of an assumption. */
  readonly assumptions: Readonly<Record<string, 'holds' | 'does not hold'>>
  /** By the name of the test file from packages/. */
  readonly files: Readonly<Record<string, { readonly passed: number; readonly failed: number }>>
}

/** Reads vitest's JSON report. Skipped tests are neither passed nor failed. */
export function liveResult(
  report: unknown,
  about: Pick<LiveResult, 'date' | 'edition' | 'sdk' | 'statements'>,
): LiveResult {
  const files = Object.fromEntries(
    list(field(report, 'testResults')).map((file): [string, { readonly passed: number; readonly failed: number }] => {
      const states = list(field(file, 'assertionResults')).map((test) => field(test, 'status'))
      return [
        String(field(file, 'name')).replace(/^.*\/packages\//, ''),
        {
          passed: states.filter((state) => state === 'passed').length,
          failed: states.filter((state) => state === 'failed').length,
        },
      ]
    }),
  )
  const sum = (of: 'passed' | 'failed'): number => Object.values(files).reduce((all, one) => all + one[of], 0)
  const asked = list(field(report, 'testResults'))
    .filter((file) => String(field(file, 'name')).endsWith('/live/assumptions.test.ts'))
    .flatMap((file) => list(field(file, 'assertionResults')))
  const assumptions: Record<string, 'holds' | 'does not hold'> = {}
  for (const test of asked) {
    const status = field(test, 'status')
    if (status === 'passed' || status === 'failed')
      assumptions[String(field(test, 'title'))] = status === 'passed' ? 'holds' : 'does not hold'
  }
  return { ...about, passed: sum('passed'), failed: sum('failed'), assumptions, files }
}

export function field(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null && name in of ? Reflect.get(of, name) : undefined
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
