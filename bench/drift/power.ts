import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { alerts, reportOf, type Rows } from '../../packages/drift/test/law/report.ts'
import { fastNormal, fastUniform } from '../../packages/drift/test/law/fast-random.ts'

// How often a change is found: reference of 2 000 independent rows, one column that changed, alone or among 100.
// Usage: node bench/drift/power.ts [reports] [columns] [csv folder for other tools]
const [reports = 200, columns = 1] = process.argv.slice(2, 4).map(Number)
const folder = process.argv[4]
const REFERENCE = 2000

type Value = number | string | null
interface Change {
  readonly name: string
  readonly before: (z: number, u: number) => Value
  readonly now: (z: number, u: number) => Value
}

const same = (z: number): number => z
const category = (_: number, u: number): string => `c${Math.floor(5 * u)}`
export const changes: readonly Change[] = [
  { name: 'nothing', before: same, now: same },
  { name: 'shift of 0.1 σ', before: same, now: (z) => z + 0.1 },
  { name: 'shift of 0.2 σ', before: same, now: (z) => z + 0.2 },
  { name: 'shift of 0.5 σ', before: same, now: (z) => z + 0.5 },
  { name: 'variance × 1.5', before: same, now: (z) => z * Math.sqrt(1.5) },
  {
    name: '5 % of a new category',
    before: category,
    now: (z, u) => (u < 0.05 ? 'new' : category(z, (u - 0.05) / 0.95)),
  },
  { name: '5 % nulls', before: same, now: (z, u) => (u < 0.05 ? null : z) },
]

/** Reference and window of one report. */
export function drawChange({ before, now }: Change, rows: number, seed: number, width: number): readonly [Rows, Rows] {
  const normal = fastNormal(seed)
  const uniform = fastUniform(seed + 5_000_011)
  const side = (count: number, first: Change['before']): Rows => ({
    columns: Array.from({ length: width }, (_, column) =>
      Array.from({ length: count }, () => (column === 0 ? first : before)(normal(), uniform())),
    ),
    entity: null,
    time: null,
  })
  return [side(REFERENCE, before), side(rows, now)]
}

/** The rows of all reports on a change as CSV: report, side, value; an empty value is none. */
function writeRows(folder: string, name: string, drawn: readonly (readonly [Rows, Rows])[]): void {
  const lines = drawn.flatMap((sides, run) =>
    sides.flatMap(({ columns: [values = []] }, side) =>
      values.map((value) => `${run},${side},${typeof value === 'number' ? value.toPrecision(9) : (value ?? '')}`),
    ),
  )
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${name}.csv`), ['report,side,value', ...lines, ''].join('\n'))
}

if (process.argv[1]?.endsWith('power.ts') === true) {
  for (const change of changes) {
    const shares = [200, 2000].map((rows) => {
      let found = 0
      const drawn: (readonly [Rows, Rows])[] = []
      for (let run = 0; run < reports; run += 1) {
        const [reference, current] = drawChange(change, rows, 17 + 101 * run + rows, columns)
        if (folder !== undefined) drawn.push([reference, current])
        if (alerts(reportOf(reference, current))) found += 1
      }
      if (folder !== undefined) writeRows(folder, `${change.name} ${rows}`, drawn)
      return `${((100 * found) / reports).toFixed(1)} %`
    })
    console.log(`| ${change.name} | ${shares.join(' | ')} |`)
  }
}
