import { join } from 'node:path'
import { expect, it } from 'vitest'
import { emptyFolder, start } from './run-martlet.ts'

const entry = join(import.meta.dirname, '../bin/martlet.js')
const before = (code: string): readonly string[] => ['--import', `data:text/javascript,${encodeURIComponent(code)}`]
const nativeModules =
  `process.on('exit', () => console.error('native: ' + ` +
  `process.report.getReport().sharedObjects.filter((file) => file.endsWith('.node')).length))`

it('an older Node is told in one sentence', async () => {
  await using folder = await emptyFolder()
  const older = before(
    `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '22.17.1' } })`,
  )
  const ended = await start([...older, entry, 'plan'], { cwd: folder.folder }).ended
  expect(ended).toMatchObject({ code: 1, stdout: '' })
  expect(ended.stderr).toMatch(
    /^martlet needs Node 22\.18 or newer, and this is Node 22\.17\.1 \(.+\): install a newer one from .+\.\n$/,
  )
})

it('help and mistakes are answered without loading an engine', async () => {
  await using folder = await emptyFolder()
  for (const args of [['--help'], ['materialize', '--help'], ['materialise'], []]) {
    const ended = await start([...before(nativeModules), entry, ...args], { cwd: folder.folder }).ended
    expect(ended.stderr).toContain('native: 0\n')
  }
  const working = await start([...before(nativeModules), entry, 'doctor'], { cwd: folder.folder }).ended
  expect(working.stderr).not.toContain('native: 0\n')
})

it('commands load only what they work with', async () => {
  await using project = await emptyFolder()
  expect(await project.martlet('init')).toMatchObject({ code: 0 })
  const loaded = before(`
    import { registerHooks } from 'node:module'
    const seen = new Set()
    registerHooks({
      load(url, context, next) {
        const name = /node_modules\\/(prom-client|lmdb|better-sqlite3)\\//.exec(url)?.[1]
        if (name !== undefined) seen.add(name)
        return next(url, context)
      },
    })
    process.on('exit', () => console.error('loaded: ' + [...seen].toSorted().join(' ')))
  `)
  const planned = await start([...loaded, entry, 'plan'], { cwd: project.folder }).ended
  expect(planned).toMatchObject({ code: 0, stderr: 'loaded: better-sqlite3\n' })
})

it('--version prints the version, and nothing after it', async () => {
  await using folder = await emptyFolder()
  expect(await folder.martlet('--version')).toEqual({ code: 0, stdout: '0.1.0\n', stderr: '' })
})
