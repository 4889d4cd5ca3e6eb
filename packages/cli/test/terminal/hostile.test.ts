import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { seededProject, type TestProject } from '../run-martlet.ts'

/** Clears the screen, writes to the clipboard, goes back to the line's start, shows text backwards. */
const HOSTILE = '\u001b[2J\u001b]52;c;aGk\u0007\rok\u202e\u009b'
// oxlint-disable-next-line no-control-regex
const STEERING = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/
const SHOWN = String.raw`\u001b[2J\u001b]52;c;aGk\u0007\u000dok\u202e\u009b`

// Each step starts a process.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 })

let project: TestProject
beforeAll(async () => {
  project = await seededProject()
})
afterAll(() => project[Symbol.asyncDispose]())

describe('control characters in what a command prints', () => {
  it.each([
    ['an unknown view', ['materialize', `a${HOSTILE}`]],
    ['an unknown option', ['plan', `--x${HOSTILE}`]],
    ['an unknown command', [`x${HOSTILE}`]],
    ['a wrong file', ['plan', '--config', `x${HOSTILE}`]],
    ['a wrong flag', ['drift', '--fail-on', HOSTILE]],
  ])('%s', async (_, args) => {
    const people = await project.martlet(...args)
    expect(people.code).not.toBe(0)
    expect(people.stderr.replaceAll(/\n\s*/g, '')).toContain(SHOWN)
    expect(`${people.stdout}${people.stderr}`).not.toMatch(STEERING)
    const machines = await project.martlet(...args, '--json')
    expect(machines.stdout).not.toMatch(STEERING)
    expect(JSON.stringify(JSON.parse(machines.stdout))).toContain(JSON.stringify(HOSTILE).slice(1, -1))
  })

  it('reasons and errors of runs, as another process wrote them to the catalog', async () => {
    expect((await project.martlet('apply', '--yes')).code).toBe(0)
    await project.write(
      'hostile.ts',
      `
      import { openCatalog } from '@martlet/feature-store'
      await using catalog = await openCatalog({ path: '.martlet/catalog.sqlite' })
      const at = new Date().toISOString()
      const run = { id: 'a', kind: 'materialize', view: 'customer_usage', hash: 'h', from_time: null, to_time: null,
        rows: 0, bytes: null, published: null, seconds: 1, outcome: 'failed' }
      await catalog.db.insertInto('runs').values({ ...run, reason: '', error: ${JSON.stringify(`x\n${HOSTILE}`)},
        started_at: at, finished_at: at, host: 'h', pid: 1, actor: 'a' }).execute()
    `,
    )
    const told = await project.node('hostile.ts')
    expect(told).toMatchObject({ code: 0, stderr: '' })
    const people = await project.martlet('runs')
    expect(people.stdout).toContain(SHOWN)
    expect(people.stdout).not.toMatch(STEERING)
    const machines = await project.martlet('runs', '--json')
    expect(machines.stdout).not.toMatch(STEERING)
    expect(JSON.parse(machines.stdout)).toMatchObject({ runs: [{ error: `x\n${HOSTILE}` }] })
  })
})
