import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { applyDeployment, planDeployment, readDeployment, type Warehouse } from '@martlet/warehouse'
import { SqlFolder } from '../../../warehouse/test/deploy/sql-folder.ts'
import { checkStatement } from '../../../warehouse/test/snowflake-sql/check-statement.ts'
import { SnowflakeDouble } from '../../../warehouse/test/snowflake/double/double.ts'
import { openDouble } from '../../../warehouse/test/snowflake/double/open-double.ts'
import { openProject } from '../../src/project/project.ts'
import { utcCronTimes, zonedCronTimes } from '../../src/schedule/generators/cron-times.ts'
import type { GeneratorInput } from '../../src/schedule/generators/generator.ts'
import { cron } from '../../src/schedule/generators/cron.ts'
import { github } from '../../src/schedule/generators/github.ts'
import { generators } from '../../src/schedule/generators/list.ts'
import { snowflake } from '../../src/schedule/generators/snowflake.ts'
import type { ScheduleConfig } from '../../src/config/schedule-config.ts'
import { scheduleOf, type SlotClock } from '../../src/schedule/schedule.ts'
import { slotsBetween } from '../../src/schedule/slots.ts'

const NOW = Date.parse('2026-02-01T12:00:00Z')
const DAY = 86_400_000

const schedules: readonly ScheduleConfig[] = [
  { name: 'nightly', every: '1d', at: '02:00', zone: 'Europe/Zurich', run: ['load', 'materialize'], timeout: '2h' },
  { name: 'often', every: '15m', run: ['drift'] },
  { name: 'weekly', every: '1w', on: 'monday', at: '00:30', zone: 'Europe/Zurich', run: ['drift'] },
  { name: 'monthly', every: 'month', on: 1, at: '00:30', zone: 'Europe/Zurich', run: ['drift'] },
]

function input(more: Partial<GeneratorInput> = {}): GeneratorInput {
  const project = openProject(
    {
      warehouse: { duckdb: 'w.duckdb' },
      catalog: { sqlite: 'c.sqlite' },
      online: { redis: { urlFrom: 'REDIS_URL' } },
      artifacts: { folder: 'artifacts' },
      definitions: {},
    },
    { folder: "/srv/o'shop 5%" },
  )
  return {
    schedules: schedules.map(scheduleOf),
    all: true,
    project,
    times: { utc: (clock) => utcCronTimes(clock, NOW), zoned: zonedCronTimes },
    prefix: 'MARTLET',
    image: '/martlet/jobs/images/martlet:latest',
    ...more,
  }
}

/** Whether a cron with five fields runs at a time of UTC: lists, ranges and *. */
function matches(time: string, at: number): boolean {
  const date = new Date(at)
  const values = [date.getUTCMinutes(), date.getUTCHours(), date.getUTCDate(), date.getUTCMonth() + 1, date.getUTCDay()]
  return time.split(' ').every(
    (field, index) =>
      field === '*' ||
      field.split(',').some((part) => {
        const [low = NaN, high = low] = part.split('-').map(Number)
        const value = values[index] ?? NaN
        return value >= low && value <= high
      }),
  )
}

const zones = [
  'UTC',
  'Europe/Zurich',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Pacific/Auckland',
  'Pacific/Pago_Pago',
]

describe('cron times', () => {
  it('come at every slot of the year, at most an hour late where a clock skips it', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.constantFrom<ScheduleConfig['every']>('30m', '1h', '4h', '1d', '1w', 'month'),
        fc.integer({ min: 0, max: 287 }),
        fc.integer({ min: 1, max: 28 }),
        (zone, every, five, day) => {
          const at = `${String(Math.floor(five / 12)).padStart(2, '0')}:${String((five % 12) * 5).padStart(2, '0')}`
          const on = every === 'month' ? { on: day } : every === '1w' ? { on: 'sunday' as const } : {}
          const { clock } = scheduleOf({ name: 's', every, at, zone, run: ['drift'], ...on })
          const times = utcCronTimes(clock, NOW)
          for (const time of times) expect(time).toMatch(/^[\d,]+ (?:\*|[\d,]+) (?:\*|[\d,-]+) \* [*\d]$/)
          const called = (moment: number): boolean => times.some((time) => matches(time, moment))
          for (const slot of slotsBetween(clock, NOW, NOW + (every === 'month' ? 360 : 90) * DAY)) {
            const within = Array.from({ length: 61 }, (_, minute) => slot + minute * 60_000)
            if (!called(slot)) expect([isJump(clock, slot), within.some(called)]).toEqual([true, true])
          }
        },
      ),
    )
  })

  /** Whether the zone's clock jumped at an instant. */
  function isJump({ zone }: SlotClock, at: number): boolean {
    const offset = (moment: number): string =>
      new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' }).format(moment)
    return offset(at).slice(-6) !== offset(at - 1).slice(-6)
  }

  it.each([
    ['nightly', ['0 0,1 * * *'], ['0 2 * * *']],
    ['often', ['0,15,30,45 * * * *'], ['0,15,30,45 * * * *']],
    ['weekly', ['30 22,23 * * 0'], ['30 0 * * 1']],
    ['monthly', ['30 22,23 28-31 * *'], ['30 0 1 * *']],
  ])('of %s', (name, utc, zoned) => {
    const { clock } = scheduleOf(schedules.find((schedule) => schedule.name === name) ?? schedules[0]!)
    expect(utcCronTimes(clock, NOW).toSorted()).toEqual(utc.toSorted())
    expect(zonedCronTimes(clock)).toEqual(zoned)
  })
})

describe('generated text', () => {
  it('of cron is comments, settings and lines with five fields, and quotes the folder', () => {
    const lines = cron.text(input()).trimEnd().split('\n')
    expect(lines.filter((line) => !/^(#.*|[A-Z_]+=\S*|)$/.test(line))).toEqual([
      String.raw`0 0,1 * * * cd '/srv/o'\''shop 5'\%'' && npx martlet run-due --schedule nightly`,
      expect.stringMatching(/^0,15,30,45 \* \* \* \* cd .* --schedule often$/),
      expect.stringMatching(/^30 22,23 \* \* 0 cd .* --schedule weekly$/),
      expect.stringMatching(/^30 22,23 28-31 \* \* cd .* --schedule monthly$/),
    ])
  })

  it('of GitHub Actions is YAML of mappings and lists, with every time and secret', () => {
    const tree = yaml(github.text(input()))
    expect(tree).toMatchObject({
      name: 'martlet run-due',
      on: {
        schedule: [
          { cron: '0 0,1 * * *' },
          { cron: '0,15,30,45 * * * *' },
          { cron: '30 22,23 * * 0' },
          { cron: '30 22,23 28-31 * *' },
        ],
        workflow_dispatch: null,
      },
      permissions: { contents: 'read' },
      concurrency: { group: 'martlet-run-due', 'cancel-in-progress': 'false' },
      jobs: {
        'run-due': {
          'runs-on': 'self-hosted',
          steps: [
            { uses: 'actions/checkout@v4', with: { clean: 'false' } },
            { uses: 'actions/setup-node@v4', with: { 'node-version': '24' } },
            { run: 'npm ci' },
            { run: 'npx martlet run-due', env: { REDIS_URL: '${{ secrets.REDIS_URL }}' } },
          ],
        },
      },
    })
  })

  it('has an option each', () => {
    expect(generators.map(({ name }) => name)).toEqual(['cron', 'github', 'snowflake'])
  })
})

describe('generated tasks', () => {
  let double: SnowflakeDouble
  let warehouse: Warehouse
  beforeAll(async () => {
    double = await SnowflakeDouble.start()
    warehouse = await openDouble(double)
    const folder = join(import.meta.dirname, '../../../../sql/snowflake')
    const own = await readDeployment({
      engine: 'snowflake',
      folder,
      without: ['energy', 'energy-customers', 'logistics', 'logistics-protection'],
    })
    await applyDeployment(warehouse, own, await planDeployment(warehouse, own), { actor: 'tester' })
  })
  afterAll(async () => {
    await warehouse.close()
    await double.stop()
  })

  it('are deployed after the files of Martlet, once, and only changed ones again', async () => {
    await using folder = await SqlFolder.with({ '0001-tasks.sql': snowflake.text(input()) })
    const deployment = await folder.read('snowflake')
    const tasks = deployment.objects.filter(({ kind }) => kind === 'TASK')
    expect(tasks.map(({ key }) => key)).toEqual(
      ['NIGHTLY', 'OFTEN', 'WEEKLY', 'MONTHLY'].map((name) => `TASK JOBS.RUN_DUE_${name}`),
    )
    // Tasks have no grammar in the parser; grants on them neither (snowflake-files.test.ts): the double's own reads both.
    for (const { sql, kind } of deployment.objects)
      expect(checkStatement(sql).syntax !== null, sql).toBe(kind === 'TASK' || kind === 'GRANT')
    await applyDeployment(warehouse, deployment, await planDeployment(warehouse, deployment), { actor: 'tester' })
    expect(await planDeployment(warehouse, deployment)).toMatchObject({ steps: [], unchanged: 8 })
    const later = schedules.map((schedule) => (schedule.name === 'nightly' ? { ...schedule, at: '03:00' } : schedule))
    await folder.write('0001-tasks.sql', snowflake.text(input({ schedules: later.map(scheduleOf) })))
    const { steps } = await planDeployment(warehouse, await folder.read('snowflake'))
    expect(steps.map(({ object }) => object.key)).toEqual(['TASK JOBS.RUN_DUE_NIGHTLY'])
    expect(steps[0]?.object.sql).toContain("'USING CRON 0 3 * * * Europe/Zurich'")
    expect(steps[0]?.object.sql).toContain('USER_TASK_TIMEOUT_MS = 14400000')
  })
})

type Yaml = string | null | readonly Yaml[] | { readonly [key: string]: Yaml }

/** Block mappings and lists of plain and single-quoted texts, by indentation; anything else is refused. */
function yaml(text: string): Yaml {
  const lines = text.split('\n').flatMap((line) => {
    const bare = line.replace(/(^|\s)#.*$/, '').trimEnd()
    if (bare === '') return []
    if (bare.includes('\t')) throw new Error(`a tab: ${line}`)
    return [{ indent: /^ */.exec(bare)?.[0].length ?? 0, text: bare.trimStart() }]
  })
  const block = (from: number, indent: number): readonly [value: Yaml, next: number] => {
    let at = from
    if (lines[at]?.text.startsWith('- ') === true) {
      const list: Yaml[] = []
      while (lines[at]?.indent === indent && lines[at]?.text.startsWith('- ') === true) {
        lines[at] = { indent: indent + 2, text: lines[at]?.text.slice(2) ?? '' }
        const [value, next] = block(at, indent + 2)
        list.push(value)
        at = next
      }
      return [list, at]
    }
    const map: Record<string, Yaml> = {}
    while (lines[at]?.indent === indent) {
      const [, key = '', value = ''] = /^([A-Za-z_][\w-]*):(?: (.+))?$/.exec(lines[at]?.text ?? '') ?? []
      if (key === '' || Object.hasOwn(map, key)) throw new Error(`not a key: ${lines[at]?.text}`)
      at++
      if (value !== '') map[key] = scalar(value)
      else if ((lines[at]?.indent ?? 0) > indent) [map[key], at] = block(at, lines[at]?.indent ?? 0)
      else map[key] = null
    }
    if ((lines[at]?.indent ?? 0) > indent) throw new Error(`unexpected indentation: ${lines[at]?.text}`)
    return [map, at]
  }
  const [value, next] = block(0, 0)
  if (next !== lines.length) throw new Error(`left over: ${lines[next]?.text}`)
  return value
}

function scalar(text: string): string {
  const quoted = /^'((?:[^']|'')*)'$/.exec(text)?.[1]
  if (quoted !== undefined) return quoted.replaceAll("''", "'")
  // Plain texts must not begin with an indicator, nor hold ': ' or ' #'.
  if (!/^[A-Za-z0-9/$][^#]*$/.test(text) || text.includes(': ')) throw new Error(`not a plain text: ${text}`)
  return text
}
