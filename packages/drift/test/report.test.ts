import { describe, expect, it } from 'vitest'
import {
  actionsFor,
  policyFrom,
  toHtml,
  toJson,
  toJunit,
  toMarkdown,
  toPrometheus,
  type DriftResult,
  type WindowResult,
} from '../src/index.ts'
import { markup } from '../src/report/markup.ts'
import { judgeRun } from '../src/verdict/judge-run.ts'
import { simulated, start } from './simulated.ts'

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
    expect(used.length).toBeGreaterThanOrEqual(12)
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
    // Nothing was seen, so nothing is marked as calm.
    expect(toHtml(empty)).toContain('<header class="verdict is-unknown">')
    expect(toHtml({ ...empty, exitCode: 0 })).toContain('<header class="verdict is-none">')
  })
  it('shows no effect of a column that could not be measured', () => {
    const result = simulated(1, 1)
    const [window] = result.windows
    const [column] = window?.columns ?? []
    if (window === undefined || column === undefined) throw new Error('no column')
    const metrics = column.metrics.map((metric) => ({ ...metric, value: null, effect: null }))
    const without = { ...result, windows: [{ ...window, columns: [{ ...column, metrics }] }] }
    const cells = (html: string) => html.slice(html.indexOf('<tbody>'), html.indexOf('</tbody>'))
    expect(cells(toHtml(result))).toMatch(/<td>[\d.]+<small>PSI/)
    expect(cells(toHtml(without))).not.toContain('<small>PSI')
  })
  it('says since when all of its windows alert', () => {
    const alerting = (count: number) => {
      const result = simulated(4, 8, undefined, 1)
      const windows = result.windows.slice(-count)
      return toHtml({ ...result, windows, since: windows[0]?.from ?? null })
    }
    expect(alerting(2)).toContain('Both windows alert, from')
    expect(alerting(3)).toContain('All 3 windows alert, from')
  })
})

/** A result in which two causes and some faults of the data are known. */
function explained(): DriftResult {
  const result = simulated(8, 4)
  const latest = result.windows.at(-1)
  if (latest === undefined) throw new Error('no window')
  const [first = '', second = ''] = result.lookAt
  const fault = { severity: 'warn', reference: 0, current: 0.1, q: 0 } as const
  return {
    ...result,
    windows: [
      ...result.windows.slice(0, -1),
      {
        ...latest,
        findings: ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => ({
          ...fault,
          kind: 'nullRate' as const,
          column: name,
          sentence: `Nulls in ${name} went from 0 % to 10 %.`,
        })),
        causes: [
          {
            sentence: '5 columns follow mart.usage.kwh, which fell by 17 %.',
            severity: 'crit',
            head: first,
            columns: [first, 'v', 'w', 'x', 'y', 'z', 'more', 'most'],
            share: 0.8,
            source: { table: 'mart.usage', columns: ['kwh'], views: ['usage'] },
          },
          {
            sentence: `${second}: it fell.`,
            severity: 'warn',
            head: second,
            columns: [second],
            share: 0.2,
            source: null,
          },
        ],
      },
    ],
  }
}

describe('a reader of a minute', () => {
  const html = toHtml(explained())
  const at = (text: string): number => html.indexOf(text)

  it('sees the verdict, what happened, what to do and single faults, in this order and before any column', () => {
    const places = ['<h1>', 'What happened', 'What to do', 'Faults in the data', '<h2>Columns'].map(at)
    expect(places.every((place) => place > 0)).toBe(true)
    expect(places).toEqual(places.toSorted((a, b) => a - b))
  })
  it('finds a cause with its columns named, and what is too much folded away', () => {
    expect(html).toContain('5 columns follow mart.usage.kwh, which fell by 17 %.')
    expect(html).toContain('and 2 more')
    expect(html).toContain('<summary>2 more</summary>')
  })
  it('is told what to do, faults first, the source of the first cause by name', () => {
    expect(actionsFor(explained())).toEqual([
      'Find out why values are missing in 6 columns (a first): one cause is likely.',
      'Look at mart.usage.kwh: 8 columns are computed from it; then at usage_view__feature_number_4.',
    ])
    // The column that moves does so half way through.
    const quiet = simulated(8, 3)
    expect(actionsFor({ ...quiet, since: null, windows: quiet.windows.slice(0, 1) })).toEqual([])
  })
  it('is told what to do about columns that only changed together', () => {
    const quiet = simulated(8, 3, undefined, 100)
    const sentence = 'a and b no longer go together as they did.'
    const joint = {
      kind: 'joint',
      column: null,
      severity: 'warn',
      sentence,
      reference: 0.5,
      current: 0.8,
      q: 0,
    } as const
    const windows = quiet.windows.map((window): WindowResult => ({ ...window, findings: [joint], causes: [] }))
    expect(actionsFor({ ...quiet, since: null, windows })).toEqual([
      'Look at columns together, not one by one: a join or a formula between them may have changed.',
    ])
  })
  it('sees estimated performance as lines with their bands and the reference', () => {
    const result = explained()
    const assumption = { verdict: 'untested', rows: 0, p: null, gap: null, sentence: 'Nothing tests it yet.' } as const
    const estimated = result.windows.map((window, index): WindowResult => ({
      ...window,
      estimate: {
        from: window.from,
        to: window.to,
        rows: 400,
        unscored: 0,
        status: 'estimated',
        reasons: [],
        metrics: [
          {
            metric: 'logLoss',
            value: index === 1 ? null : 0.2 + index / 10,
            low: 0.1,
            high: 0.9,
            reference: 0.25,
            realised: null,
            change: index === 3 ? 'worse' : 'same',
          },
        ],
        assumption,
        sentence: 'Log loss is probably 0.5.',
      },
    }))
    const html = toHtml({ ...result, windows: estimated })
    expect(html).toContain('<h2>Estimated performance over time</h2>')
    expect(html).toContain('latest 0.5 (0.1 to 0.9)')
    expect(html).toContain('Lower is better. Dotted: the reference.')
    expect(html).not.toMatch(/NaN|undefined|null/)
    expect(toHtml(simulated(8, 3))).not.toContain('Estimated performance')
  })
  it('reads how the verdict was reached, in sentences', () => {
    const footerOf = (result: DriftResult): string => toHtml(result).split('<footer>')[1] ?? ''
    const quiet = simulated(1, 2)
    expect(footerOf(quiet)).toMatch(
      /chance is below 0\.01\. Evaluated \S+ against profile simulated of \S+ Exit code \d\./,
    )
    const reference = { sentence: 'Compared with Mondays.', rows: 9, from: null, to: null, learntFrom: 0 }
    const matched = { ...quiet, windows: quiet.windows.map((window) => ({ ...window, reference })) }
    expect(footerOf(matched)).toContain('. Compared with Mondays. Exit code ')
  })
  it('sees figures over time that are as far apart as doubles can be', () => {
    const figures = {
      metric: 'mae',
      interval: [-1e308, 1.5e308],
      reference: 1,
      worse: 1,
      p: 0,
      q: 0,
      baseline: null,
    } as const
    const coverage = { predictions: 9, matured: 9, labelled: 9, missing: 0, completeAt: null }
    const assumption = { verdict: 'untested', rows: 0, p: null, gap: null, sentence: 'Nothing tests it yet.' } as const
    const windows = simulated(1, 3).windows.map((window): WindowResult => ({
      ...window,
      performance: {
        task: 'regression',
        clusteredBy: 'rows',
        coverage,
        groups: [
          { segment: null, rows: 9, clusters: 9, metrics: [{ ...figures, value: 1e308, severity: 'crit' as const }] },
        ],
        calibration: null,
        baseline: null,
      },
      estimate: {
        from: window.from,
        to: window.to,
        rows: 9,
        unscored: 0,
        status: 'estimated',
        reasons: [],
        metrics: [
          { metric: 'mae', value: 1e308, low: -1e308, high: 1.5e308, reference: 1, realised: null, change: 'worse' },
        ],
        assumption,
        sentence: 'MAE is probably 1e308.',
      },
    }))
    const html = toHtml({ ...simulated(1, 3), windows })
    expect(html).toContain('<title>mean absolute error over time</title>')
    expect(html).not.toMatch(/NaN|Infinity/)
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
