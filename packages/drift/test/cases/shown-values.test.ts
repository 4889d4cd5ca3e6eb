import { describe, expect, it } from 'vitest'
import { categoryEvidence } from '../../src/monitor/evidence-of.ts'
import { countCategories } from '../../src/count/bin-array.ts'
import { policyFrom, toHtml, toJson, toJunit, toMarkdown, type DriftResult } from '../../src/index.ts'
import { profileCategories } from '../../src/profile/profile-arrays.ts'
import { judgeRun } from '../../src/verdict/judge-run.ts'
import { findingsOf, now } from '../tables.ts'

const repeated = (values: readonly string[], times: number): readonly string[] =>
  Array.from({ length: times }, () => values).flat()

/** The verdict on category columns held in memory, in one window or several alike. */
function judged(reference: readonly string[], current: readonly string[], windows = 1): DriftResult {
  const profile = profileCategories({ name: 'city', type: 'text' }, reference)
  const facts = { name: 'p', createdAt: now.toISOString(), rows: reference.length, time: null }
  const whole = { schema: 'martlet.drift.profile/1', ...facts, columns: [profile] } as const
  const columns = [categoryEvidence(profile, countCategories(current))]
  const at = (hour: number): Date => new Date(now.getTime() + hour * 3_600_000)
  const evidence = Array.from({ length: windows }, (_, i) => ({
    window: windows === 1 ? null : { from: at(i - windows), to: at(i - windows + 1) },
    rows: current.length,
    rowKind: 'table' as const,
    absent: [],
    columns,
    schema: [{ name: 'city', type: 'text' as const }],
    ignored: [],
    newest: null,
    latest: i === windows - 1,
  }))
  return judgeRun({ monitor: 'm', now, profile: whole, windows: evidence }, policyFrom())
}

const unseenSentence = (result: DriftResult): string =>
  findingsOf(result).find(({ kind }) => kind === 'unseen')?.sentence ?? ''

describe('long texts', () => {
  const long = `start${'x'.repeat(100_000)}end`
  const emoji = '👩'.repeat(100)

  it.each([
    ['new', ['a'], ['a', long]],
    ['known', ['a', long], ['a']],
    ['known and new', [`${long}1`], [`${long}2`, 'a']],
  ])('%s ones are cut in every rendering', (_, reference, current) => {
    const result = judged(repeated(reference, 100), repeated(current, 100))
    expect(result.status).toBe('drift')
    for (const rendered of [toHtml(result), toMarkdown(result), toJson(result), toJunit(result)]) {
      expect(rendered).not.toContain('x'.repeat(100))
      expect(rendered.length).toBeLessThan(60_000)
    }
  })

  it('keep their beginning and their end, and say how long they are, in characters as people count them', () => {
    const result = judged(repeated(['a'], 100), repeated([long], 100))
    const shown = `"start${'x'.repeat(35)}…${'x'.repeat(9)}end"`
    expect(unseenSentence(result)).toBe(`100 % of city is not in the reference: ${shown} (100 008 characters).`)
    const people = unseenSentence(judged(repeated(['a'], 100), repeated([emoji], 100)))
    expect(people).toContain(`"${'👩'.repeat(40)}…${'👩'.repeat(12)}" (100 characters)`)
    expect(unseenSentence(judged(repeated(['a'], 100), repeated(['y'.repeat(60)], 100)))).toContain(
      `"${'y'.repeat(60)}".`,
    )
    const [column] = judged(repeated([long, long, 'a'], 100), repeated(['a', 'b'], 150)).windows[0]?.columns ?? []
    expect(column?.sentence).toContain('(100 008 characters) went from 66.7 % to 0 %')
  })

  it('show control characters and signs that turn the direction of writing', () => {
    const sentence = unseenSentence(judged(repeated(['a'], 100), repeated(['b\u001b[2J\u202e\u0085\n'], 100)))
    expect(sentence).toContain('"b\\u001b[2J\\u202e\\u0085\\n"')
  })
})

describe('values that look like known ones', () => {
  const nfd = 'Zu\u0308rich'
  it.each([
    ['NFD for NFC', 'Zürich', nfd, '"Zu\\u0308rich" looks like the known "Zürich", written with other code points.'],
    ['NFC for NFD', nfd, 'Zürich', '"Zürich" looks like the known "Zu\\u0308rich", written with other code points.'],
    [
      'a sign without width',
      'Bern',
      'Bern\u200b',
      '"Bern\\u200b" looks like the known "Bern", written with other code points.',
    ],
    ['a ligature', 'office', 'o\ufb03ce', '"o\ufb03ce" looks like the known "office", written with other code points.'],
    [
      'a space of another kind',
      'St Gallen',
      'St\u00a0Gallen',
      '"St\\u00a0Gallen" looks like the known "St Gallen", written with other code points.',
    ],
    [
      'both at once',
      'Zürich',
      ` ZU\u0308RICH`,
      '" ZU\\u0308RICH" looks like the known "Zürich", written with other code points.',
    ],
    ['case', 'Bern', 'BERN', '"BERN" differs from the known "Bern" in case or spaces only.'],
    ['spaces around', 'Bern', 'Bern ', '"Bern " differs from the known "Bern" in case or spaces only.'],
    [
      'decomposed ones',
      nfd,
      nfd.toUpperCase(),
      `"${nfd.toUpperCase()}" differs from the known "${nfd}" in case or spaces only.`,
    ],
  ])('%s', (_, known, now_, hint) => {
    const sentence = unseenSentence(judged(repeated([known], 100), repeated([now_], 100)))
    expect(sentence.slice(-hint.length - 2)).toBe(`. ${hint}`)
  })

  it('and others do not get a hint', () => {
    expect(unseenSentence(judged(repeated(['Zürich'], 100), repeated(['Zurich'], 100)))).toBe(
      '100 % of city is not in the reference: "Zurich".',
    )
  })
})

describe('the axis of windows', () => {
  it('never counts more columns than there are', () => {
    const html = toHtml(judged(repeated(['a'], 100), repeated(['b'], 100), 3))
    expect(html).toContain('up to 1 of 1</span>')
    const heights = [...html.matchAll(/ 64v-(\d+)h/g)].map(([, height]) => Number(height))
    expect(Math.max(...heights)).toBe(64)
  })
})
