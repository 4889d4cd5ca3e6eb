import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { linkPackages } from '../../src/diff/link-packages.ts'

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'martlet-test-')))
afterAll(() => rmSync(folder, { recursive: true }))

function put(path: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), '{}')
}

it('a commit finds installed packages, its own workspaces, and the present Martlet', () => {
  // The repository now, with what npm and pnpm make of it.
  for (const path of [
    'above/node_modules/outer/package.json',
    'above/repo/node_modules/zod/package.json',
    'above/repo/node_modules/@types/node/package.json',
    'above/repo/node_modules/.pnpm/kysely/package.json',
    'above/repo/packages/shared/package.json',
    'above/repo/packages/young/package.json',
    'above/repo/packages/martlet-store/package.json',
    'above/repo/ml/node_modules/lodash/package.json',
    'out/tree/package.json',
    'out/tree/packages/shared/package.json',
    'out/tree/packages/martlet-store/package.json',
    'out/tree/ml/martlet.config.ts',
    'above/repo/lib/node_modules/semver/package.json',
    'out/tree/lib/package.json',
  ])
    put(path)
  const link = (path: string, to: string): void => symlinkSync(join(folder, to), join(folder, path))
  mkdirSync(join(folder, 'above/repo/node_modules/@martlet'))
  link('above/repo/node_modules/kysely', 'above/repo/node_modules/.pnpm/kysely')
  link('above/repo/node_modules/shared', 'above/repo/packages/shared')
  link('above/repo/node_modules/young', 'above/repo/packages/young')
  link('above/repo/node_modules/@martlet/feature-store', 'above/repo/packages/martlet-store')
  link('above/repo/node_modules/broken', 'nowhere')
  // The commit has a link to packages, which leads nowhere from there.
  link('out/tree/lib/node_modules', 'out/packages-of-then')

  linkPackages(join(folder, 'above/repo'), join(folder, 'out/tree'), join(folder, 'out/tree/ml'))
  const leads = (path: string): string => realpathSync(join(folder, path)).slice(folder.length + 1)
  expect(leads('out/tree/node_modules/zod')).toBe('above/repo/node_modules/zod')
  expect(leads('out/tree/node_modules/@types/node')).toBe('above/repo/node_modules/@types/node')
  expect(leads('out/tree/node_modules/kysely')).toBe('above/repo/node_modules/.pnpm/kysely')
  expect(leads('out/tree/ml/node_modules/lodash')).toBe('above/repo/ml/node_modules/lodash')
  expect(leads('out/tree/lib/node_modules/semver')).toBe('above/repo/lib/node_modules/semver')
  // A workspace that the commit lacks is that of now; definitions that need it would not load without it.
  expect(leads('out/tree/node_modules/shared')).toBe('out/tree/packages/shared')
  expect(leads('out/tree/node_modules/young')).toBe('above/repo/packages/young')
  expect(leads('out/tree/node_modules/@martlet/feature-store')).toBe('above/repo/packages/martlet-store')
  expect(leads('out/node_modules/outer')).toBe('above/node_modules/outer')
  expect(() => leads('out/tree/node_modules/broken')).toThrow('ENOENT')
})
