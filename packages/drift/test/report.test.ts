import { describe, expect, it } from 'vitest'
import { binNumbers, countCategories } from '../src/count/bin-array.ts'
import {
  profileCategories,
  profileNumbers,
  toHtml,
  toJson,
  toJunit,
  toMarkdown,
  toPrometheus,
  policyFrom,
  type DriftResult,
  type ReferenceProfile,
} from '../src/index.ts'
import { categoryEvidence, numberEvidence } from '../src/monitor/evidence-of.ts'
import { markup } from '../src/report/markup.ts'
import { judgeRun } from '../src/verdict/judge-run.ts'
import { normal, sample, uniform } from './random.ts'

const day = 86_400_000
const start = Date.parse('2026-01-05T00:00:00Z')

/** Columns of numbers and categories over some windows; every fourth column (or so) drifts half way through. */
function simulated(
  width: number,
  windows: number,
  name = (i: number): string => `usage_view__feature_number_${i}`,
  every = 4,
): DriftResult {
  const draw = normal(1)
  const chance = uniform(2)
  const categories = ['alpha', 'beta', 'gamma', 'delta', 'epsilon']
  const isCategory = (i: number): boolean => i % 5 === 4
  const column = (i: number, moved: boolean) =>
    isCategory(i)
      ? sample(400, () => categories[Math.floor(chance() ** (moved ? 2 : 1) * 5)] ?? '')
      : sample(400, () => (draw() + (moved ? 0.8 : 0)) * 10 ** (i % 7))
  const profiles = Array.from({ length: width }, (_, i) => {
    const values = column(i, false)
    return isCategory(i)
      ? profileCategories({ name: name(i), type: 'text' }, values.map(String))
      : profileNumbers(
          { name: name(i), type: 'double' },
          values.filter((value) => typeof value === 'number'),
        )
  })
  const profile: ReferenceProfile = {
    schema: 'martlet.drift.profile/1',
    name: 'simulated',
    createdAt: new Date(start).toISOString(),
    rows: 400,
    time: null,
    columns: profiles,
  }
  const schema = profiles.map(({ name: column, type }) => ({ name: column, type }))
  const evidence = Array.from({ length: windows }, (_, w) => ({
    window: { from: new Date(start + w * day), to: new Date(start + (w + 1) * day) },
    rows: 400,
    columns: profiles.map((column_, i) => {
      const values = column(i, i % every === 0 && w >= windows / 2)
      if (column_.kind === 'category') return categoryEvidence(column_, countCategories(values.map(String)))
      if (column_.kind === 'number')
        return numberEvidence(
          column_,
          binNumbers(
            values.filter((value) => typeof value === 'number'),
            column_.edges,
            column_.mean ?? 0,
          ),
        )
      throw new Error('no time columns here')
    }),
    schema,
    rowKind: 'table' as const,
    absent: [],
    ignored: [],
    newest: null,
    latest: w === windows - 1,
  }))
  return judgeRun(
    { monitor: 'simulated', now: new Date(start + windows * day), profile, windows: evidence },
    policyFrom(),
  )
}

describe('the HTML report', () => {
  it('of 100 columns and 30 windows stays under 300 kB, without script and without anything to fetch', () => {
    const result = simulated(100, 30)
    expect(result.lookAt).toHaveLength(25)
    const html = toHtml(result)
    expect(Buffer.byteLength(html)).toBeLessThan(300_000)
    expect(html).not.toMatch(/<script|javascript:|\son\w+=|https?:|url\(|@import/i)
    expect(toHtml(simulated(100, 30))).toBe(html)
  })
  it('stays under 300 kB even when every column has drifted and 20 statements are given', () => {
    const result = simulated(100, 30, undefined, 1)
    expect(result.lookAt.length).toBeGreaterThan(90)
    const sql = result.lookAt.slice(0, 20).map((column) => ({ column, sql: 'x'.repeat(1500) }))
    expect(Buffer.byteLength(toHtml({ ...result, sql }))).toBeLessThan(300_000)
  })
  it('has every table in a box that scrolls, so that a narrow screen never scrolls the page', () => {
    const html = toHtml(simulated(12, 4))
    const tables = html.match(/.{20}<table/g) ?? []
    expect(tables.length).toBe(13)
    expect(tables.filter((before) => !before.includes('<div class="scroll"><table'))).toEqual([])
  })
  it('is well formed: every element that is opened is closed', () => {
    const html = toHtml(simulated(12, 4))
    const open: string[] = []
    for (const [, closing = '', tag = '', rest = ''] of html
      .replace('<!doctype html>', '')
      .matchAll(/<(\/?)([a-z]\w*)([^>]*)>/g)) {
      if (closing === '/') expect(open.pop()).toBe(tag)
      else if (tag !== 'meta' && !rest.endsWith('/')) open.push(tag)
    }
    expect(open).toEqual([])
  })
  it('never draws NaN, infinity or null', () => {
    expect(toHtml(simulated(12, 4))).not.toMatch(/NaN|Infinity|undefined|null/)
  })
  it('escapes names wherever they occur', () => {
    const html = toHtml(simulated(5, 2, (i) => `<img src=x onerror="alert(${i})">&'`))
    expect(html).not.toContain('<img')
    expect(html).toContain('&lt;img src=x onerror=&quot;alert(0)&quot;&gt;&amp;&#39;')
  })
  it('links every anchor it uses', () => {
    const html = toHtml(simulated(12, 4))
    const ids = new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))
    const used = [...html.matchAll(/href="#([^"]*)"/g)].map(([, id]) => id)
    expect(used.length).toBeGreaterThan(12)
    for (const id of used) expect(ids).toContain(id)
  })
  it('of no window contains a sentence that says so', () => {
    const empty = judgeRun(
      {
        monitor: 'm',
        now: new Date(start),
        profile: {
          schema: 'martlet.drift.profile/1',
          name: 'p',
          createdAt: new Date(start).toISOString(),
          rows: 1,
          time: null,
          columns: [],
        },
        windows: [],
      },
      policyFrom(),
    )
    expect(empty.exitCode).toBe(3)
    expect(toHtml(empty)).toContain('No window was given.')
  })
})

describe('markup', () => {
  it('a line break of a template prints nothing next to a tag or a piece, and one space inside a text', () => {
    const rows = ['a < b', 'c'].map((text) => markup`<td>${text}</td>`)
    const built = markup`
      <table class="all"
        id="t">
        ${rows}
        ${1}
      </table>
      <p>
        two words
        in a line
      </p>
    `
    expect(built.markup).toBe(
      '<table class="all" id="t"><td>a &lt; b</td><td>c</td>1</table><p>two words in a line</p>',
    )
  })
  it('a line break in a piece stays', () => {
    expect(markup`<pre>${'SELECT\n  1'}</pre>`.markup).toBe('<pre>SELECT\n  1</pre>')
  })
})

describe('other formats', () => {
  const result = simulated(8, 3, (i) => `a|b\n"${i}"<x>`)
  it('Markdown keeps odd names inside their cell', () => {
    const markdown = toMarkdown(result)
    expect(markdown).toMatch(/^## Drift: simulated/)
    const table = markdown.split('\n').filter((text) => text.startsWith('|'))
    expect(table).toHaveLength(2 + result.lookAt.length)
    for (const row of table) expect(row.replaceAll('\\|', '').split('|')).toHaveLength(8)
  })
  it('none of them contains control characters or overrides of writing direction', () => {
    const hostile = simulated(8, 3, (i) => `a\u001b]52;c;aGk=\u0007\u009b2J\u202e\r${i}`)
    for (const report of [toHtml, toMarkdown, toJunit]) {
      // oxlint-disable-next-line no-control-regex
      expect(report(hostile)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
      expect(report(hostile)).toContain(
        report === toMarkdown
          ? String.raw`a\\u001b\]52;c;aGk=\\u0007`
          : String.raw`a\u001b]52;c;aGk=\u0007\u009b2J\u202e`,
      )
    }
  })
  it('JUnit has a test case for each column and fails those that drifted', () => {
    const junit = toJunit(result)
    expect(junit.match(/<testcase /g)).toHaveLength(8)
    const failed = result.windows.at(-1)?.columns.filter(({ severity }) => severity === 'crit').length ?? 0
    expect(failed).toBeGreaterThan(0)
    expect(junit).toContain(`tests="8" failures="${failed}"`)
    expect(junit.match(/<failure /g)).toHaveLength(failed)
  })
  it('Prometheus text has one line for each sample', () => {
    for (const text of toPrometheus(result).trimEnd().split('\n'))
      expect(text).toMatch(/^(# (HELP|TYPE) martlet_drift_\w+ .+|martlet_drift_\w+\{.*\} -?[\d.e+-]+)$/)
    expect(toPrometheus(result)).toContain('feature="a|b\\n\\"0\\"<x>"')
  })
  it('JSON reads back as the result', () => {
    expect(JSON.parse(toJson(result))).toEqual(result)
    expect(result.schema).toBe('martlet.drift.result/2')
  })
})
