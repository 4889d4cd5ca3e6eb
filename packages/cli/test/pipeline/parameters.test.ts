import { describe, expect, it } from 'vitest'
import { stepProblem } from '../../src/command/check-step.ts'
import { checkConfig } from '../../src/config/check-config.ts'
import type { ParameterConfigs } from '../../src/config/parameter-config.ts'
import { fillText, placeholderValue } from '../../src/parameters/fill-parameters.ts'
import { parameterValues, type ParameterValues } from '../../src/parameters/parameter-values.ts'
import { givenValues } from '../../src/config/chosen-pipeline.ts'
import { pipelineOf } from '../../src/pipeline/pipeline.ts'

const LONDON = 'Europe/London'
const values = (declared: ParameterConfigs, given: Readonly<Record<string, string>>): ParameterValues =>
  parameterValues(declared, new Map(Object.entries(given)), {
    of: 'pipeline etl',
    flag: (name) => `--${name}`,
    zone: LONDON,
  })

describe('values of parameters', () => {
  const declared: ParameterConfigs = {
    day: 'date',
    since: { type: 'date', default: '{day-6d}' },
    at: { type: 'instant', default: '{day:start}' },
    most: { type: 'integer', default: '5' },
  }

  it('are of the declared type, and defaults follow from those before them', () => {
    const texts = Object.fromEntries(
      [...values(declared, { day: '2026-03-30' })].map(([name, { text }]) => [name, text]),
    )
    expect(texts).toEqual({ day: '2026-03-30', since: '2026-03-24', at: '2026-03-29T23:00:00Z', most: '5' })
    expect(values(declared, { day: '2026-03-30', since: '2026-01-01' }).get('since')?.text).toBe('2026-01-01')
  })

  it.each([
    [{}, /needs --day \(a date such as/],
    [{ day: '2026-02-30' }, /--day "2026-02-30" is no date/],
    [{ day: 'today' }, /is no date/],
    [{ day: '2026-03-30', at: '2026-03-30' }, /is no instant/],
    [{ day: '2026-03-30', most: '5.5' }, /is no whole number/],
    [{ day: '2026-03-30', dya: '1' }, /no parameter dya of pipeline etl. Did you mean day\?/],
  ])('%o is refused', (given: object, why: RegExp) => {
    expect(() => values(declared, { ...given })).toThrow(
      expect.objectContaining({ code: 'USAGE', message: expect.stringMatching(why) }),
    )
  })

  it('are read from options in both spellings', () => {
    expect([...givenValues(['--reference-date', '2026-03-01', '--note=a=b'])]).toEqual([
      ['reference-date', '2026-03-01'],
      ['note', 'a=b'],
    ])
    for (const words of [['2026-03-01'], ['--day'], ['--day', 'a', '--day', 'b']])
      expect(() => givenValues(words)).toThrow(expect.objectContaining({ code: 'USAGE' }))
  })
})

describe('placeholders', () => {
  const given = values(
    { 'reference-date': 'date', now: 'instant', name: 'text' },
    { 'reference-date': '2026-03-29', now: '2026-03-29T00:30:00Z', name: 'a b' },
  )
  const filled = (text: string): string => fillText(text, given, LONDON)

  it('shift by days of the calendar, and begin by the clock of the zone', () => {
    expect(filled('{reference-date} {reference-date-4w}')).toBe('2026-03-29 2026-03-01')
    // Clocks go forward on that Sunday: it begins in winter time and ends in summer time.
    expect(filled('{reference-date:start} {reference-date+1d:start}')).toBe('2026-03-29T00:00:00Z 2026-03-29T23:00:00Z')
    expect(filled('{now+90m} {name}')).toBe('2026-03-29T02:00:00Z a b')
  })

  it('of a query are values', () => {
    expect(placeholderValue('{reference-date-6d}', given)).toEqual({ type: 'date', text: '2026-03-23' })
    expect(placeholderValue('{reference-date-6h}', given)).toBeUndefined()
    expect(placeholderValue('{nobody}', given)).toBeUndefined()
  })

  it('put a value into a step as one word', () => {
    const run = [['load', 'daily', '--set', 'name={name}']]
    const { steps } = pipelineOf({ name: 'etl', parameters: { name: 'text' }, run }, new Map([['name', "it's; a b"]]))
    expect(steps).toEqual([['load', 'daily', '--set', "name=it's; a b"]])
  })
})

describe('a configuration', () => {
  const place = {
    warehouse: { duckdb: ':memory:' },
    catalog: { sqlite: 'c.sqlite' },
    online: 'memory',
    artifacts: { folder: 'a' },
    definitions: {},
  }
  const etl = {
    name: 'etl',
    parameters: { 'reference-date': 'date' },
    run: ['load daily --set reference-date={reference-date}'],
  }
  const problems = (config: object): unknown => {
    try {
      checkConfig({ ...place, ...config }, 'here', stepProblem)
      return []
    } catch (error) {
      return (error as { readonly data: { readonly problems: unknown } }).data.problems
    }
  }
  const ofPipeline = (change: object): unknown => problems({ pipelines: [{ ...etl, ...change }] })
  const load = { name: 'daily', from: 'daily.sql', into: 'mart.daily', key: ['day'] }
  const slice = { column: 'day', from: '{day-6d}', to: '{day}' }

  it('has pipelines whose steps are commands, and whose placeholders are parameters', () => {
    expect(
      problems({ pipelines: [etl], schedules: [{ name: 'n', every: '1d', run: ['run etl --reference-date {date}'] }] }),
    ).toEqual([])
    expect(ofPipeline({ run: ['lod daily'] })).toEqual([
      expect.stringMatching(/^pipelines\[0\]\.run\[0\]: "lod daily" is no command/),
    ])
    expect(ofPipeline({ run: ['load --until {date}'] })).toEqual([
      expect.stringMatching(/has \{date\}, which is no placeholder; there are \{reference-date\}/),
    ])
    expect(ofPipeline({ run: ['load --until {reference-date+1h}'] })).toEqual([
      expect.stringMatching(/has \{reference-date\+1h\}/),
    ])
    expect(ofPipeline({ run: ['run etl'] })).toEqual([expect.stringMatching(/runs no pipelines/)])
    expect(ofPipeline({ run: ['serve'] })).toEqual([expect.stringMatching(/cannot run by itself: serve/)])
    expect(ofPipeline({ parameters: { json: 'text' } })).toEqual([
      expect.stringMatching(/option that every command has/),
      expect.stringMatching(/has \{reference-date\}/),
    ])
    expect(ofPipeline({ parameters: { 'reference-date': 'day' } })).toEqual([
      expect.stringMatching(/must be one of date, instant/),
    ])
    expect(ofPipeline({ parameters: { ...etl.parameters, since: { type: 'date', default: '{until}' } } })).toEqual([
      expect.stringMatching(/no parameter before it/),
    ])
    expect(problems({ pipelines: [etl, etl] })).toEqual(['pipelines[1].name: "etl" is used twice'])
  })

  it('has schedules that give what a pipeline needs', () => {
    const scheduled = (step: string): unknown =>
      problems({ pipelines: [etl], schedules: [{ name: 'n', every: '1d', run: [step] }] })
    expect(scheduled('run elt --reference-date {date}')).toEqual([expect.stringMatching(/Did you mean etl\?/)])
    expect(scheduled('run etl')).toEqual([expect.stringMatching(/lacks --reference-date/)])
    expect(scheduled('run etl --reference-date {date} --day 1')).toEqual([
      expect.stringMatching(/gives day, which is no parameter/),
    ])
  })

  it('has loads that merge or replace days, and not both', () => {
    const ofLoad = (change: object): unknown => problems({ loads: [{ ...load, ...change }] })
    expect(ofLoad({ slice, parameters: { day: 'date' } })).toEqual([])
    expect(ofLoad({ slice: { column: 'day', from: '2026-01-01', to: '2026-01-02' } })).toEqual([])
    expect(ofLoad({})).toEqual(['loads[0].loadedAt: is missing (a string is needed)'])
    expect(ofLoad({ loadedAt: 'l', parameters: { day: 'date' } })).toEqual([
      expect.stringMatching(/^loads\[0\]\.parameters: go with slice/),
    ])
    expect(ofLoad({ slice, parameters: { day: 'date' }, newest: 'x' })).toEqual([
      expect.stringMatching(/^loads\[0\]\.newest: has no meaning/),
    ])
    expect(ofLoad({ slice })).toEqual([
      expect.stringMatching(/^loads\[0\]\.slice\.from: has \{day-6d\}/),
      expect.stringMatching(/^loads\[0\]\.slice\.to: has \{day\}/),
    ])
    expect(ofLoad({ slice: { ...slice, to: 'now' }, parameters: { day: 'date' } })).toEqual([
      expect.stringMatching(/slice\.to: must be a date/),
    ])
  })
})
