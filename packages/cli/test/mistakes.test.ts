import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { oneProcess, type OneProcess } from './one-process.ts'
import { emptyFolder, seededProject, start, type TestProject } from './run-martlet.ts'

interface Mistake {
  readonly what: string
  readonly args: readonly string[]
  readonly code: number
  readonly error: string
  /** Parts of the message: what is wrong, and what to do. */
  readonly says: readonly string[]
}

async function expectMistake(
  project: Pick<TestProject, 'martlet'>,
  { args, code, error, says }: Omit<Mistake, 'what'>,
): Promise<void> {
  const ended = await project.martlet(...args)
  expect(ended.stderr).toContain(`error ${error}\n`)
  const message = ended.stderr.replace(/\s+/g, ' ')
  for (const part of says) expect(message).toContain(part)
  expect(ended.stderr).not.toMatch(/^\s+at /m)
  expect(ended).toMatchObject({ code, stdout: '' })
}

describe('mistakes on the command line', () => {
  let project: TestProject
  let commands: OneProcess
  beforeAll(async () => {
    project = await seededProject()
    await project.json(0, 'apply', '--yes')
    await project.write('wrong.sql', '-- every customer\n\nSELECT\n  custmer_id,\n  ts AS t FROM mart.usage\n')
    commands = oneProcess(project.folder)
  })
  afterAll(async () => {
    await commands[Symbol.asyncDispose]()
    await project[Symbol.asyncDispose]()
  })

  const mistakes: readonly Mistake[] = [
    {
      what: 'an unknown view',
      args: ['materialize', 'custmer_usage'],
      code: 64,
      error: 'VIEW_UNKNOWN',
      says: ['no view called custmer_usage', 'Did you mean customer_usage?'],
    },
    {
      what: 'a preview of a feature that there is not',
      args: ['preview', 'customer_usage', '--keys', 'c01', '--feature', 'kwh_1'],
      code: 64,
      error: 'UNKNOWN_FEATURE',
      says: ['View customer_usage has no feature "kwh_1"', 'Did you mean kwh_1d?'],
    },
    {
      what: 'a preview at no time',
      args: ['preview', 'customer_usage', '--keys', 'c01', '--at', 'noon'],
      code: 64,
      error: 'INVALID_INSTANT',
      says: ['noon'],
    },
    {
      what: 'a date that is none',
      args: ['materialize', '--from', 'yesterday'],
      code: 64,
      error: 'INVALID_INSTANT',
      says: ['--from "yesterday"', 'Write it as 2026-01-31'],
    },
    {
      what: 'an unknown training set',
      args: ['training-set', 'next_dya'],
      code: 64,
      error: 'TRAINING_SET_UNKNOWN',
      says: ['next_dya', 'Did you mean next_day?'],
    },
    {
      what: 'a training set without a spine',
      args: ['training-set', 'next_day'],
      code: 64,
      error: 'USAGE',
      says: ['--spine <table or file.sql>'],
    },
    {
      what: 'a spine file that is not there',
      args: ['training-set', 'next_day', '--spine', 'no.sql', '--time', 't'],
      code: 64,
      error: 'USAGE',
      says: ['no.sql cannot be read'],
    },
    {
      what: 'a spine file with a mistake',
      args: ['training-set', 'next_day', '--spine', 'wrong.sql', '--time', 't'],
      code: 1,
      error: 'SQL_FAILED',
      says: ['wrong.sql, line 4: ', '"custmer_id" not found'],
    },
    {
      what: 'a spine table that is not there',
      args: ['training-set', 'next_day', '--spine', 'mart.no', '--time', 't'],
      code: 1,
      error: 'BAD_SPINE',
      says: ['mart.no'],
    },
    {
      what: 'an unknown label',
      args: ['training-set', 'next_day', '--spine', 'mart.usage', '--time', 'ts', '--label', 'next_day_kw'],
      code: 64,
      error: 'LABEL_UNKNOWN',
      says: ['Did you mean next_day_kwh?'],
    },
    {
      what: 'lineage of an unknown column',
      args: ['status', '--lineage', 'mart.usage.kw'],
      code: 64,
      error: 'COLUMN_UNKNOWN',
      says: ['reads mart.usage.kw.', 'Did you mean mart.usage.kwh?'],
    },
    {
      what: 'an unknown monitor',
      args: ['drift', 'usage_drif'],
      code: 64,
      error: 'MONITOR_UNKNOWN',
      says: ['Did you mean usage_drift?'],
    },
    {
      what: 'a window that is none',
      args: ['drift', '--window', '3x'],
      code: 64,
      error: 'USAGE',
      says: ['--window 3x', '7d'],
    },
    {
      what: 'a window that ends before it starts',
      args: ['drift', '--window', '2026-02-01..2026-01-01'],
      code: 64,
      error: 'USAGE',
      says: ['ends at or before its start'],
    },
    {
      what: 'a severity that is none',
      args: ['drift', '--fail-on', 'panic'],
      code: 64,
      error: 'USAGE',
      says: ['Give warn or drift'],
    },
    {
      what: 'drift before there is a profile',
      args: ['drift'],
      code: 3,
      error: 'PROFILE_NOT_FOUND',
      says: ['next_day_training'],
    },
    {
      what: 'a port that is none',
      args: ['serve', '--port', '99999'],
      code: 64,
      error: 'USAGE',
      says: ['from 0 to 65535'],
    },
    {
      what: 'a model nobody registered',
      args: ['models', 'promote', 'nope', '1', '--reason', 'r'],
      code: 1,
      error: 'MODEL_NOT_FOUND',
      says: ['"nope"'],
    },
    {
      what: 'a version that is no number',
      args: ['models', 'archive', 'nope', 'x', '--reason', 'r'],
      code: 64,
      error: 'USAGE',
      says: ['"x" is not a version'],
    },
    {
      what: 'a model file that is not there',
      args: ['models', 'register', 'm', '--onnx', 'no.onnx', '--service', 'next_day', '--golden', 'no.json'],
      code: 64,
      error: 'USAGE',
      says: ['--onnx', 'cannot be read'],
    },
    {
      what: 'golden rows that are no JSON',
      args: ['models', 'register', 'm', '--onnx', 'readings.csv', '--service', 'next_day', '--golden', 'readings.csv'],
      code: 64,
      error: 'USAGE',
      says: ['--golden readings.csv is not JSON'],
    },
    {
      what: 'a model file that is no ONNX',
      args: ['models', 'register', 'm', '--onnx', 'readings.csv', '--service', 'next_day', '--golden', 'package.json'],
      code: 64,
      error: 'USAGE',
      says: ['package.json is not as expected at inputs'],
    },
    {
      what: 'a tag without a value',
      args: ['models', 'tag', 'm', 'team'],
      code: 64,
      error: 'USAGE',
      says: ['is not a tag. Write it as key=value.'],
    },
    {
      what: 'a configuration file that is not there',
      args: ['plan', '--config', 'no.ts'],
      code: 1,
      error: 'CONFIG_MISSING',
      says: ['no.ts', '--config'],
    },
    {
      what: 'init over files',
      args: ['init'],
      code: 64,
      error: 'INIT_REFUSED',
      says: ['martlet.config.ts', 'nothing is overwritten'],
    },
    {
      what: 'init below a file',
      args: ['init', 'readings.csv/below'],
      code: 1,
      error: 'PLACE_UNWRITABLE',
      says: ['readings.csv/below'],
    },
  ]
  it.each(mistakes)('$what: $error, exit code $code', async (mistake) => {
    await expectMistake(commands, mistake)
  })

  it.each([
    ['an unknown command', ['materialise'], "error: unknown command 'materialise'\n(Did you mean materialize?)"],
    ['an unknown command of models', ['models', 'lst'], '(Did you mean list?)'],
    ['an unknown option', ['plan', '--jsn'], "error: unknown option '--jsn'\n(Did you mean --json?)"],
    ['a missing argument', ['training-set'], "error: missing required argument 'name'"],
    ['a missing reason', ['models', 'promote', 'm', '1'], "error: required option '--reason <text>' not specified"],
  ])('%s: exit code 64', async (_, args, message) => {
    const ended = await commands.martlet(...args)
    expect(ended).toMatchObject({ code: 64, stdout: '' })
    expect(ended.stderr).toContain(message)
    const { code, stdout } = await commands.martlet(...args, '--json')
    expect(code).toBe(64)
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, exitCode: 64, error: { code: 'USAGE' } })
  })

  it('--verbose shows the cause and where it happened', async () => {
    const ended = await project.martlet('training-set', 'next_day', '--spine', 'no.sql', '--time', 't', '--verbose')
    expect(ended.stderr).toContain('caused by Error: ENOENT')
    expect(ended.stderr).toMatch(/^\s+at /m)
  })

  it('a warehouse that another process has open: WAREHOUSE_LOCKED, 3 for drift, a warning of doctor', async () => {
    await project.write(
      'hold.ts',
      `import { loadProject } from 'martlet'
const project = await loadProject()
await project.warehouse()
console.log('open')
setInterval(() => undefined, 1000)
`,
    )
    const holder = start(['hold.ts'], { cwd: project.folder })
    await holder.printed('open', 'stdout')
    try {
      await expectMistake(project, {
        args: ['materialize'],
        code: 1,
        error: 'WAREHOUSE_LOCKED',
        says: ['is open in another process', String(holder.child.pid), '`--wait 10m`'],
      })
      await expectMistake(project, {
        args: ['materialize', '--wait', 'soon'],
        code: 64,
        error: 'USAGE',
        says: ['--wait soon is not a length of time', '10m'],
      })
      await expectMistake(project, {
        args: ['drift'],
        code: 3,
        error: 'WAREHOUSE_LOCKED',
        says: ['wait for that process or stop it'],
      })
      const checked = await project.json(2, 'doctor')
      expect(checked).toMatchObject({
        checks: expect.arrayContaining([expect.objectContaining({ name: 'warehouse', state: 'warn' })]),
      })
      const patient = project.start('materialize', '--dry-run', '--wait', '10m')
      await patient.printed('waiting for at most 10m: ', 'stderr')
      holder.child.kill()
      expect(await patient.ended).toMatchObject({ code: 0, stdout: expect.stringContaining('first run') })
    } finally {
      holder.child.kill()
      await holder.ended
    }
  })

  it('a port in use: LISTEN_FAILED', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const address = other.address()
    const port = typeof address === 'object' && address !== null ? String(address.port) : ''
    try {
      await expectMistake(project, {
        args: ['serve', '--port', port],
        code: 1,
        error: 'LISTEN_FAILED',
        says: [`127.0.0.1:${port}`, 'Choose another port'],
      })
    } finally {
      other.close()
    }
  })

  it('rows that are not as declared: QUALITY_FAILED, and nothing is written', async () => {
    await project.write(
      'spoil.ts',
      `import { sql } from '@martlet/warehouse'
import { loadProject } from 'martlet'
await using project = await loadProject()
await (await project.warehouse()).run(sql\`UPDATE mart.usage SET kwh = -1 WHERE customer_id = 'c03'\`)
`,
    )
    expect(await project.node('spoil.ts')).toMatchObject({ code: 0 })
    const ended = await project.martlet('materialize')
    expect(ended.code).toBe(1)
    expect(ended.stderr).toContain('error QUALITY_FAILED')
    expect(ended.stderr).toContain('mart.usage.kwh')
    expect(await project.json(0, 'status')).toMatchObject({ views: [{ watermark: null }] })
    await project.edit(
      'martlet.config.ts',
      'trainingSets:',
      "quality: { severity: { 'mart.usage.kwh.range': 'warn' } }, trainingSets:",
    )
    const passed = await project.martlet('materialize')
    expect(passed.code).toBe(0)
    expect(passed.stdout).toContain('1 warning')
  })

  it('facts that changed under rows that were written before: a warning with the command that writes them again', async () => {
    await project.write(
      'late.ts',
      `import { sql } from '@martlet/warehouse'
import { loadProject } from 'martlet'
await using project = await loadProject()
await (await project.warehouse()).run(sql\`UPDATE mart.usage SET kwh = kwh + 1 WHERE customer_id = 'c04'\`)
`,
    )
    expect(await project.node('late.ts')).toMatchObject({ code: 0 })
    const { views } = z
      .object({ views: z.array(z.object({ newest: z.string() })) })
      .parse(await project.json(0, 'status'))
    const newest = views[0]?.newest ?? ''
    const late = await project.martlet('materialize', '--from', newest)
    const said = late.stdout.replaceAll(/\s+/g, ' ')
    expect([late.code, said]).toEqual([
      0,
      expect.stringMatching(/warn mart\.usage: has changed since rows of features\.customer_usage were written/),
    ])
    const command = /`martlet (materialize customer_usage --from \S+)`/.exec(said)?.[1] ?? expect.fail(said)
    expect(await project.json(0, ...command.split(' '))).toMatchObject({
      views: [{ findings: expect.not.arrayContaining([expect.objectContaining({ check: 'changed' })]) }],
    })
  })
})

describe('mistakes in the configuration and the definitions', () => {
  let project: TestProject
  let commands: OneProcess
  let files = 0
  beforeAll(async () => {
    project = await emptyFolder()
    await project.json(0, 'init')
    commands = oneProcess(project.folder)
  })
  afterAll(async () => {
    await commands[Symbol.asyncDispose]()
    await project[Symbol.asyncDispose]()
  })

  const config = (change: string): string => `import { defineConfig } from 'martlet'
const base = { warehouse: { duckdb: 'state/w.duckdb' }, catalog: { sqlite: 'state/c.sqlite' }, online: { lmdb:
  'state/online' }, artifacts: { folder: 'state/artifacts' }, definitions: () => import('./definitions.ts') }
export default Object.assign(defineConfig(base), ${change})
`

  it.each([
    ['nothing above the folder', undefined, 'CONFIG_MISSING', ['no martlet.config.ts', 'martlet init']],
    ['a syntax error', 'export default {', 'CONFIG_FAILED', ['other.config.ts could not be loaded']],
    ['a throw', "\nthrow new Error('no such secret')", 'CONFIG_FAILED', ['no such secret', 'other.config.ts:2']],
    ['an import that is not there', "import './missing.ts'\nexport default {}", 'CONFIG_FAILED', ['missing.ts']],
    ['no default export', 'export const config = 1', 'CONFIG_INVALID', ['has no default export']],
    [
      'an empty object',
      'export default {}',
      'CONFIG_INVALID',
      [
        'warehouse: is missing',
        'catalog: is missing',
        'definitions: must be',
        'martlet init <folder> writes an example',
      ],
    ],
    [
      'a misspelt key',
      config('{ trainingSet: [] }'),
      'CONFIG_INVALID',
      ['trainingSet: there is no such key; did you mean trainingSets?'],
    ],
    [
      'a misspelt inner key',
      config("{ warehouse: { duckdb: 'x', memoryLimt: '1GB' } }"),
      'CONFIG_INVALID',
      ['warehouse.memoryLimt: there is no such key; did you mean memoryLimit?'],
    ],
    [
      'a store of an unknown kind',
      config("{ online: { postgres: 'x' } }"),
      'CONFIG_INVALID',
      ["online: must be { lmdb: <folder> }, 'memory' or { redis: { url } }"],
    ],
    [
      'a store without what it needs',
      config("{ online: { redis: 'x' } }"),
      'CONFIG_INVALID',
      ['online.redis: must be { url } or { urlFrom: <name of an environment variable> }'],
    ],
    [
      'a monitor without rows',
      config("{ monitors: [{ name: 'm' }] }"),
      'CONFIG_INVALID',
      ['monitors[0]: must say where its rows are'],
    ],
    [
      'a window that is none',
      config("{ monitors: [{ name: 'm', view: 'v', window: 'week' }] }"),
      'CONFIG_INVALID',
      ["monitors[0].window: must be a duration such as '6h'"],
    ],
    [
      'a monitor that is called like the index page',
      config("{ monitors: [{ name: 'Index', view: 'v' }] }"),
      'CONFIG_INVALID',
      ['monitors[0].name: must not be index: index.html lists all monitors'],
    ],
    [
      'two of one name',
      config("{ monitors: [{ name: 'm', view: 'v' }, { name: 'm', view: 'w' }] }"),
      'CONFIG_INVALID',
      ['monitors[1].name: "m" is used twice'],
    ],
    [
      'definitions that throw',
      config("{ definitions: () => { throw new Error('gone') } }"),
      'DEFINITIONS_FAILED',
      ['gone'],
    ],
    [
      'definitions without any',
      config('{ definitions: () => ({}) }'),
      'DEFINITIONS_EMPTY',
      ['no feature view, service, label or source'],
    ],
    [
      'a folder that cannot be made',
      config("{ catalog: { sqlite: 'readings.csv/c.sqlite' } }"),
      'PLACE_UNWRITABLE',
      ['readings.csv', 'catalog.sqlite'],
    ],
    [
      'a catalog that is no SQLite file',
      config("{ catalog: { sqlite: 'readings.csv' } }"),
      'CATALOG_OPEN_FAILED',
      ['readings.csv'],
    ],
  ])('%s', async (_, text, error, says) => {
    if (text === undefined) {
      await using elsewhere = await emptyFolder()
      await expectMistake(elsewhere, { args: ['plan'], code: 1, error, says })
      return
    }
    // A process reads a module once, so every file has a name of its own.
    const file = `${++files}-other.config.ts`
    await project.write(file, text)
    await expectMistake(commands, { args: ['plan', '--config', file], code: 1, error, says })
  })

  it('a definition that is wrong names its place', async () => {
    await project.edit('definitions.ts', "f.max('kwh')", "f.max('kwhh')")
    await expectMistake(project, {
      args: ['plan'],
      code: 1,
      error: 'INVALID_DEFINITION',
      says: ['customer_usage', 'kwhh'],
    })
    await project.edit('definitions.ts', "f.max('kwhh')", "f.max('kwh')")
  })

  it('definitions with a syntax error name the file', async () => {
    await project.edit('definitions.ts', 'ttl:', 'ttl ttl:')
    await expectMistake(project, { args: ['plan'], code: 1, error: 'DEFINITIONS_FAILED', says: ['definitions.ts'] })
    await project.edit('definitions.ts', 'ttl ttl:', 'ttl:')
  })

  it('what is not applied or not confirmed is refused before anything is opened', async () => {
    await expectMistake(project, {
      args: ['materialize'],
      code: 1,
      error: 'DEFINITION_NOT_APPLIED',
      says: ['customer_usage', 'martlet apply'],
    })
    const asked = await project.martlet('apply')
    expect(asked.code).toBe(64)
    expect(asked.stderr).toContain('error CONFIRMATION_NEEDED')
  })

  it('a table that is not there: SOURCE_MISSING', async () => {
    expect(await project.martlet('apply', '--yes')).toMatchObject({ code: 0 })
    await expectMistake(project, {
      args: ['materialize'],
      code: 1,
      error: 'SOURCE_MISSING',
      says: ['mart.usage', 'create it'],
    })
  })

  it('serving without saying who may call is refused', async () => {
    await project.write('other.config.ts', config('{}'))
    await expectMistake(project, {
      args: ['serve', '--config', 'other.config.ts'],
      code: 1,
      error: 'CONFIG_INVALID',
      says: ['serving', "auth: 'none'"],
    })
  })

  it('doctor names every mistake with what to do, and ends with 1', async () => {
    await project.write(
      'other.config.ts',
      config(
        "{ catalog: { sqlite: 'readings.csv' }, online: 'memory', serving: { host: '0.0.0.0', auth: 'none' }, " +
          "monitors: [{ name: 'm', service: 'next_dy' }] }",
      ),
    )
    const ended = await project.martlet('doctor', '--config', 'other.config.ts')
    expect(ended.code).toBe(1)
    expect(ended.stdout).toMatch(/^fail catalog /m)
    expect(ended.stdout).toMatch(/^warn online /m)
    expect(ended.stdout).toMatch(/^fail serving +0\.0\.0\.0:8080 with auth: 'none', which serves this machine only/m)
    expect(ended.stdout).toMatch(
      /^fail config names +monitors m: there is no service next_dy\. Did you mean next_day\?/m,
    )
    expect(ended.stdout).toContain('→')
  })
})
