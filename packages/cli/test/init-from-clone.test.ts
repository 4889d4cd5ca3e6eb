import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile, symlink, mkdir, mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { projectPackages } from '../src/init/clone.ts'
import { lockOfClone } from '../src/init/lock-of-clone.ts'
import { emptyFolder } from './run-martlet.ts'

const repository = join(import.meta.dirname, '../../..')
const entry = z.looseObject({ resolved: z.string().optional(), integrity: z.string().optional(), version: z.string() })
const lockFile = z.object({ packages: z.record(z.string(), z.looseObject({})) })
const manifestFile = z.object({ dependencies: z.record(z.string(), z.string()) })
const all = [
  '@martlet/drift',
  '@martlet/feature-store',
  '@martlet/registry',
  '@martlet/serving',
  '@martlet/warehouse',
  'martlet',
]

it('init of a clone points to the tarballs of npm run pack, and says to make them when they are missing', async () => {
  await using project = await emptyFolder()
  const ended = await project.martlet('init', 'shop')
  expect(ended).toMatchObject({ code: 0, stderr: '' })
  const { dependencies } = manifestFile.parse(JSON.parse(await readFile(project.path('shop/package.json'), 'utf8')))
  expect(Object.keys(dependencies)).toEqual([...all, 'onnxruntime-node', 'zod'])
  const folder = await realpath(project.path('shop'))
  for (const name of all) {
    const file = `${name.replace('@', '').replace('/', '-')}-0.1.0.tgz`
    expect(resolve(folder, (dependencies[name] ?? '').replace('file:', ''))).toBe(
      join(repository, 'dist/packages', file),
    )
  }
  const packed = all.every((name) => existsSync(resolve(folder, (dependencies[name] ?? '').replace('file:', ''))))
  expect(ended.stdout.includes('npm run pack')).toBe(!packed)
})

it('the lock of such a project names every package with its integrity, so that npm asks no registry for @martlet', async () => {
  await using project = await emptyFolder()
  await project.martlet('init', 'shop')
  const lock = lockFile.parse(JSON.parse(await readFile(project.path('shop/package-lock.json'), 'utf8')))
  const { '': own, ...packages } = lock.packages
  expect(own).toMatchObject(manifestFile.parse(JSON.parse(await readFile(project.path('shop/package.json'), 'utf8'))))
  const places = Object.keys(packages)
  const some = ['martlet', '@duckdb/node-bindings-linux-x64', 'onnxruntime-common'].map(
    (name) => `node_modules/${name}`,
  )
  expect(places).toEqual(expect.arrayContaining(some))
  // What only the repository's own tests and tools need.
  for (const name of ['vitest', 'typescript', 'node', 'snowflake-sdk', '@redis/client', 'ml-matrix']) {
    expect(places).not.toContain(`node_modules/${name}`)
  }
  for (const [place, found] of Object.entries(packages)) {
    const { resolved, integrity } = entry.parse(found)
    const name = place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length)
    if (all.includes(name)) expect(resolved).toMatch(/^file:/)
    else {
      expect(integrity, place).toMatch(/^sha512-/)
      expect(resolved, place).toMatch(/^https:\/\/registry\.npmjs\.org\/.+\.tgz$/)
    }
  }
})

it('what init writes keeps install scripts from running, in a setting that every npm knows', async () => {
  await using project = await emptyFolder()
  await project.martlet('init', 'shop')
  const settings = (await readFile(project.path('shop/.npmrc'), 'utf8'))
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
  expect(settings).toEqual(['ignore-scripts=true'])
})

it('where the packages were installed from a registry, the project asks a registry, too', () => {
  expect(projectPackages('/anywhere', null, '1.2.3')).toEqual({
    dependencies: {
      '@martlet/feature-store': '1.2.3',
      '@martlet/registry': '1.2.3',
      '@martlet/warehouse': '1.2.3',
      martlet: '1.2.3',
      'onnxruntime-node': '^1.30.0',
      zod: '^4.0.0',
    },
    locked: null,
  })
})

it('the path to a tarball counts from where the project really is', async () => {
  const folder = await mkdtemp(join(await realpath(tmpdir()), 'martlet-link-'))
  try {
    await mkdir(join(folder, 'far/away'), { recursive: true })
    await symlink(join(folder, 'far/away'), join(folder, 'near'))
    const tarball = 'clone/dist/packages/martlet-0.1.0.tgz'
    const clone = { folder: join(folder, 'clone'), entries: {}, tarballs: { martlet: join(folder, tarball) } }
    const { dependencies } = projectPackages(join(folder, 'near/shop'), clone, '0.1.0')
    expect(dependencies['martlet']).toBe(`file:../../../${tarball}`)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

it('the part of a lock: what is nested stays nested, optional ways stay optional, peers come along unless they are optional', () => {
  const entries = {
    '': { devDependencies: { tool: '1.0.0' } },
    'node_modules/app': { resolved: 'packages/app', link: true },
    'packages/app': {
      name: 'app',
      version: '0.1.0',
      dependencies: { left: '1.0.0', lib: '0.1.0' },
      devDependencies: { tool: '1.0.0' },
    },
    'node_modules/lib': { resolved: 'packages/lib', link: true },
    'packages/lib': {
      name: 'lib',
      version: '0.1.0',
      dependencies: { '@s/deep': '2.0.0' },
      peerDependencies: { wanted: '1', maybe: '1' },
      peerDependenciesMeta: { maybe: { optional: true } },
    },
    'packages/lib/node_modules/@s/deep': { version: '2.0.0', integrity: 'sha512-d2' },
    'node_modules/@s/deep': { version: '1.0.0', integrity: 'sha512-d1', dev: true },
    'node_modules/left': {
      version: '1.0.0',
      integrity: 'sha512-l',
      optionalDependencies: { native: '1.0.0', 'left-too': '1.0.0' },
    },
    'node_modules/native': {
      version: '1.0.0',
      integrity: 'sha512-n',
      optional: true,
      dependencies: { shared: '1.0.0' },
    },
    'node_modules/left-too': { version: '1.0.0', integrity: 'sha512-t', devOptional: true },
    'node_modules/shared': { version: '1.0.0', integrity: 'sha512-s', optional: true },
    'node_modules/wanted': { version: '1.0.0', integrity: 'sha512-w', peer: true, dependencies: { shared: '1.0.0' } },
    'node_modules/maybe': { version: '1.0.0', integrity: 'sha512-m' },
    'node_modules/tool': { version: '1.0.0', integrity: 'sha512-x', dev: true },
  }
  const locked = lockOfClone(entries, { app: 'file:app.tgz', lib: 'file:lib.tgz' }, [])
  expect(Object.keys(locked)).toEqual([
    'node_modules/app',
    'node_modules/left',
    'node_modules/left-too',
    'node_modules/lib',
    'node_modules/lib/node_modules/@s/deep',
    'node_modules/native',
    'node_modules/shared',
    'node_modules/wanted',
  ])
  expect(locked['node_modules/app']).toEqual({
    version: '0.1.0',
    resolved: 'file:app.tgz',
    dependencies: { left: '1.0.0', lib: '0.1.0' },
  })
  expect(locked['node_modules/lib/node_modules/@s/deep']).toEqual({
    version: '2.0.0',
    integrity: 'sha512-d2',
    resolved: 'https://registry.npmjs.org/@s/deep/-/deep-2.0.0.tgz',
  })
  expect(locked['node_modules/native']).toMatchObject({ optional: true })
  // First met below an optional package, then below one that is needed.
  expect(locked['node_modules/shared']).toEqual({
    version: '1.0.0',
    integrity: 'sha512-s',
    resolved: 'https://registry.npmjs.org/shared/-/shared-1.0.0.tgz',
  })
  expect(locked['node_modules/wanted']).not.toHaveProperty('peer')
})

it('the command runs in a clone that was never built, without the condition of its tests', async () => {
  await using project = await emptyFolder()
  const entry = join(repository, 'packages/cli/bin/martlet.js')
  const options = { cwd: project.folder, env: { ...process.env, NODE_OPTIONS: '' }, encoding: 'utf8' } as const
  const ended = spawnSync(process.execPath, [entry, 'doctor', '--json'], options)
  expect(JSON.parse(ended.stdout)).toMatchObject({ command: 'doctor', ok: false })
})
