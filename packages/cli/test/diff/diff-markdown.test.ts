import type { FeatureDiff } from '@martlet/feature-store'
import { expect, it } from 'vitest'
import { diffMarkdown } from '../../src/diff/diff-markdown.ts'
import { diffText } from '../../src/diff/diff-text.ts'
import type { ProjectDiff, ViewChange } from '../../src/diff/project-diff.ts'

const feature = (name: string, after: string | number): FeatureDiff => ({
  name,
  formerName: null,
  kind: 'compared',
  words: { before: 'last(a)', after: 'last(b)' },
  rows: 2,
  changed: 1,
  nullToValue: 0,
  valueToNull: 0,
  before: { nulls: 0, mean: null, min: null, max: null },
  after: { nulls: 0, mean: null, min: null, max: null },
  largest: { key: { id: 'c1' }, time: new Date('2026-01-01'), before: 'old', after, difference: null },
})

const view = (name: string, features: readonly FeatureDiff[], error?: string): ViewChange =>
  error !== undefined
    ? { view: name, kind: 'failed', error: { code: 'SOURCE_MISSING', message: error } }
    : {
        view: name,
        kind: 'compared',
        diff: {
          before: { name, hash: 'a' },
          after: { name, hash: 'b' },
          reasons: features.map((one) => `${one.name} last(a) → last(b)`),
          outcome: 'changes',
          incomparable: null,
          compared: {
            kind: 'rows',
            first: 0n,
            last: 0n,
            times: 1,
            sample: null,
            rows: { before: 2, after: 2, both: 2, appear: 0, vanish: 0 },
            entities: { before: 2, after: 2, both: 2, appear: 0, vanish: 0 },
            appearing: [],
            vanishing: [],
          },
          features,
        },
      }

const diffOf = (...views: readonly ViewChange[]): ProjectDiff => ({
  against: 'what is applied',
  views,
  unchanged: 0,
  affected: { services: [], labels: [], models: [] },
})

it.each([
  ['__init__', '&#95;&#95;init&#95;&#95;'],
  ['a_b', 'a_b'],
  ['a | b', 'a &#124; b'],
  ['<b>', '&#60;b&#62;'],
  ['a\nb', 'a\\u000ab'.replace('\\', '&#92;')],
  ['@ann', '@&#8203;ann'],
  ['#12', '&#35;&#8203;12'],
  ['GH-12', 'GH&#8203;-12'],
  ['$x$', '&#36;x&#36;'],
  ['https://a.example', 'https:&#8203;//a.example'],
  ['HTTP://a.example', 'HTTP:&#8203;//a.example'],
  ['ftp://a.example', 'ftp:&#8203;//a.example'],
  ['www.a.example', 'www&#8203;.a.example'],
])('the value %j is text in a comment', (value, shown) => {
  expect(diffMarkdown(diffOf(view('usage', [feature('word', value)])), true)).toContain(
    `id c1, 2026-01-01: old → ${shown} |`,
  )
})

it('a long text is shown by its beginning and its length, in one line', () => {
  const diff = diffOf(view('usage', [feature('word', `first\n${'😀'.repeat(100_000)}`)]))
  const text = diffText(diff, true, { paint: (_, shown) => shown, width: 400 })
  expect(text).toContain(`old → first\\u000a${'😀'.repeat(54)}… (100,006 characters)`)
  expect(diffMarkdown(diff, true).length).toBeLessThan(1500)
})

it('a comment is never longer than GitHub takes, and says what it leaves out', () => {
  const wide = view(
    'wide',
    Array.from({ length: 2000 }, (_, i) => feature(`feature_${i}`, i)),
  )
  const comment = diffMarkdown(diffOf(wide, view('small', [feature('word', 'new')])), true)
  expect(comment.length).toBeLessThanOrEqual(65_536)
  expect(comment).toContain('feature_0 changes in 50 % of rows')
  expect(comment).toContain('| feature_19 |')
  expect(comment).toContain('1,980 other features are left out here.')
  expect(comment).toContain('1,980 other reasons are left out here.')
  expect(comment).toContain('| word |')
  const many = Array.from({ length: 500 }, (_, i) => view(`view_${i}`, [], '<'.repeat(5000)))
  const short = diffMarkdown(diffOf(...many), true)
  expect(short.length).toBeLessThanOrEqual(65_536)
  expect(short).toContain('#### view_0')
  expect(short).toMatch(/\d+ other views differ, which are left out here\./)
  const readers = Array.from({ length: 5000 }, (_, i) => ({ name: `service_${i}`, fields: [], reasons: ['new'] }))
  const read = diffMarkdown({ ...diffOf(wide), affected: { services: readers, labels: [], models: [] } }, true)
  expect(read.length).toBeLessThanOrEqual(65_536)
  expect(read).toContain('4,950 other lines are left out here.')
})
