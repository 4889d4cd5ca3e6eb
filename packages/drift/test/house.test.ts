import { rowsOf, sql } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestWarehouse } from '../../warehouse/test/support/engine.ts'
import { withAdditions, type Addition, type ChangedPackage } from '../../warehouse/test/house/with-addition.ts'
import type * as drift from '../src/index.ts'
import { double, tableOf } from './tables.ts'

const now = new Date('2026-03-01T00:00:00Z')

/** A metric that decides: how much longer or shorter the window is than the reference. */
const ROW_COUNT = `import { measured } from '../measurement.ts'
import type { DecidingMetricKind } from '../metric-kind.ts'

export const rowCount: DecidingMetricKind<'rowCount'> = {
  name: 'rowCount',
  word: 'row count',
  measure: {
    number: ({ profile, binned }) => {
      const value = Math.abs(binned.finite / profile.finite - 1)
      return measured(value, { effect: value, noise: 0, p: 1e-9, logP: Math.log(1e-9) })
    },
  },
  decides: { kinds: ['number'], floor: { warn: 0.5, crit: 3 } },
  tests: ['number'],
  madeOf: 'counts',
}
`

const rowCount: Addition = {
  file: 'compare/metrics/row-count.ts',
  source: ROW_COUNT,
  list: 'compare/metrics/list.ts',
  name: 'rowCount',
  // Declaration files need written types, so a metric's type is in the list, too; the compiler reports it when it is missing.
  lines: { 'compare/metrics/list.ts': [['  | typeof chiSquare', '  | typeof rowCount\n  | typeof chiSquare']] },
}

/** A format with one line per column. */
const LINES = `import type { ReportFormat } from '../report-format.ts'

export const lines: ReportFormat = {
  name: 'lines',
  extension: 'txt',
  render: ({ windows }) => (windows.at(-1)?.columns ?? []).map(({ name, status }) => \`\${name} \${status}\\n\`).join(''),
}
`

const lines: Addition = {
  file: 'report/formats/lines.ts',
  source: LINES,
  list: 'report/formats/list.ts',
  name: 'lines',
}

/** Compares twice as many rows of the same numbers with a package's own metrics. */
async function comparison({ profileReference, runDrift }: typeof drift) {
  const warehouse = await openTestWarehouse()
  const numbers = (rows: number) => Array.from({ length: rows }, (_, i) => (i * 7919) % 100)
  const reference = await tableOf(warehouse, { x: double(numbers(1000)) })
  const current = await tableOf(warehouse, { x: double(numbers(2000)) })
  const columns = [{ name: 'x', type: 'double' as const }]
  const profile = await profileReference(warehouse, { name: 'p', relation: reference, columns, now })
  const result = await runDrift({ warehouse, profile, current: { relation: current }, now })
  return { warehouse, result }
}

describe('an addition is one file and its place in the list', () => {
  let changed: ChangedPackage
  let own: typeof drift
  beforeAll(async () => {
    changed = withAdditions('drift', [rowCount, lines])
    own = (await changed.load('index.ts')) as typeof drift
  })
  afterAll(() => changed[Symbol.dispose]())

  it('a metric that decides: measured, judged, reported and recorded', async () => {
    const { warehouse, result } = await comparison(own)
    try {
      const [column] = result.windows.at(-1)?.columns ?? []
      expect(column).toMatchObject({ name: 'x', status: 'warn', severity: 'warn', excess: 2 })
      expect(column?.sentence).toContain('Changed: row count 1 (floor 0.5)')
      expect(result.policy.floors).toMatchObject({ rowCount: { warn: 0.5, crit: 3 } })
      expect(own.policyFrom({ floors: { rowCount: { warn: 2, crit: 3 } } } as object).floors).toMatchObject({
        rowCount: { warn: 2, crit: 3 },
      })
      expect(own.toHtml(result)).toMatch(/<small>row count<\/small>.*row count 0\.5 \/ 3/s)
      expect(own.toMarkdown(result)).toContain('| 1 | row count |')
      expect(JSON.parse(own.toJson(result))).toMatchObject({
        windows: [
          { columns: [{ metrics: expect.arrayContaining([expect.objectContaining({ metric: 'rowCount' })]) }] },
        ],
      })
      const recorded = await warehouse.read(
        sql`SELECT status, value FROM monitoring.drift_results WHERE metric = 'rowCount'`,
      )
      expect(rowsOf(recorded)).toEqual([{ status: 'warn', value: 1 }])
    } finally {
      await warehouse.close()
    }
  })

  it('a metric over several windows has its history in the report', async () => {
    const { warehouse, result } = await comparison(own)
    await warehouse.close()
    const [window] = result.windows
    const twice = { ...result, windows: window === undefined ? [] : [window, window] }
    expect(own.toHtml(twice)).toContain('<figcaption>row count over time</figcaption>')
  })

  it('a report format is rendered', async () => {
    const { warehouse, result } = await comparison(own)
    await warehouse.close()
    const format = own.reportFormats.find(({ name }) => name === 'lines')
    expect(format?.extension).toBe('txt')
    expect(format?.render(result)).toBe('x warn\n')
  })

  it('the compiler accepts both', async () => {
    expect(await changed.typeErrors()).toBe('')
  })
})
