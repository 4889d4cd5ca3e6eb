import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { z } from 'zod'
import { lockEntry, lockOfClone, type LockEntries } from './lock-of-clone.ts'

/** A clone of Martlet's repository. */
export interface Clone {
  readonly folder: string
  /** `packages` of its package-lock.json. */
  readonly entries: LockEntries
  /** The tarballs that `npm run pack` makes of its packages, by package name. */
  readonly tarballs: Readonly<Record<string, string>>
}

/** What a project installs. */
export interface ProjectPackages {
  readonly dependencies: Readonly<Record<string, string>>
  /** Entries of package-lock.json by place; null when npm chooses. */
  readonly locked: LockEntries | null
}

const lockSchema = z.object({ packages: z.record(z.string(), lockEntry) })

/** What a project's own code imports apart from Martlet. */
const OTHER_PACKAGES = { 'onnxruntime-node': '^1.30.0', zod: '^4.0.0' }

/** The clone that this command runs from; null when it is an installed package. */
export function cloneOfCommand(): Clone | null {
  const own = realpathSync(join(import.meta.dirname, '../..'))
  const folder = join(own, '../..')
  const lock = join(folder, 'package-lock.json')
  if (own !== join(folder, 'packages/cli') || !existsSync(join(own, 'tsconfig.json')) || !existsSync(lock)) return null
  const { packages: entries } = lockSchema.parse(JSON.parse(readFileSync(lock, 'utf8')))
  const packages = Object.entries(entries).filter(([path]) => /^packages\/[^/]+$/.test(path))
  const packed = join(folder, 'dist/packages')
  const tarballs = new Map(
    packages.map(([, { name = '', version = '' }]) => [name, join(packed, tarballName(name, version))]),
  )
  const names = [...tarballs.keys()].toSorted()
  return { folder, entries, tarballs: Object.fromEntries(names.map((name) => [name, tarballs.get(name) ?? ''])) }
}

/** The name that `npm pack` gives. */
function tarballName(name: string, version: string): string {
  return `${name.replace(/^@/, '').replace('/', '-')}-${version}.tgz`
}

/** The packages of a project in a folder: the tarballs of a clone, or those of the registry. */
export function projectPackages(folder: string, clone: Clone | null, version: string): ProjectPackages {
  if (clone === null) {
    const names = ['@martlet/feature-store', '@martlet/registry', '@martlet/warehouse', 'martlet']
    return {
      dependencies: { ...Object.fromEntries(names.map((name) => [name, version])), ...OTHER_PACKAGES },
      locked: null,
    }
  }
  const from = realFolder(folder)
  const tarballs = Object.fromEntries(
    Object.entries(clone.tarballs).map(([name, tarball]) => [name, fileSpecifier(from, tarball)]),
  )
  const locked = lockOfClone(clone.entries, tarballs, Object.keys(OTHER_PACKAGES))
  const versions = Object.entries(OTHER_PACKAGES).map(([name, range]): [string, string] => [
    name,
    locked[`node_modules/${name}`]?.version ?? range,
  ])
  return { dependencies: { ...tarballs, ...Object.fromEntries(versions) }, locked }
}

/** The folder without symbolic links, which npm resolves before it counts relative paths. */
function realFolder(folder: string): string {
  const path = resolve(folder)
  return existsSync(path) || dirname(path) === path
    ? realpathSync(path)
    : join(realFolder(dirname(path)), basename(path))
}

function fileSpecifier(folder: string, tarball: string): string {
  return `file:${relative(folder, tarball).replaceAll('\\', '/')}`
}
