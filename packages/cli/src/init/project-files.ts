import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { projectPackages, type Clone, type ProjectPackages } from './clone.ts'
import type { LockEntries } from './lock-of-clone.ts'
import { readingsCsv } from './readings.ts'

const TEMPLATES = join(import.meta.dirname, '../../templates')
const VERSION = '0.1.0'

export interface NewProject {
  readonly today: Date
  readonly folder: string
  /** The clone whose packages it installs; null: those of the registry. */
  readonly clone: Clone | null
}

/** The files of a new project by name. The readings end at the midnight (UTC) before `today`. */
export function projectFiles({ today, folder, clone }: NewProject): Readonly<Record<string, string>> {
  const packages = projectPackages(folder, clone, VERSION)
  const manifest = projectManifest(folder, packages)
  return {
    'package.json': json(manifest),
    ...(packages.locked === null ? {} : { 'package-lock.json': json(projectLock(manifest, packages.locked)) }),
    // npm leaves files named .npmrc and .gitignore out of packages.
    '.npmrc': template('npmrc'),
    'martlet.config.ts': template('martlet.config.ts'),
    'definitions.ts': template('definitions.ts'),
    'readings.csv': readingsCsv(today),
    'seed.ts': template('seed.ts'),
    'spine.sql': template('spine.sql'),
    'train.ts': template('train.ts'),
    'README.md': template('README.md'),
    '.gitignore': template('gitignore'),
  }
}

function template(name: string): string {
  return readFileSync(join(TEMPLATES, name), 'utf8')
}

interface Manifest {
  readonly name: string
  readonly private: true
  readonly type: 'module'
  readonly engines: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
}

function projectManifest(folder: string, { dependencies }: ProjectPackages): Manifest {
  const name =
    basename(folder)
      .toLowerCase()
      .replace(/[^a-z0-9._-]+/g, '-')
      .replace(/^[._-]+/, '') || 'martlet-project'
  return { name, private: true, type: 'module', engines: { node: '>=22.18' }, dependencies }
}

function projectLock({ name, engines, dependencies }: Manifest, locked: LockEntries): unknown {
  return { name, lockfileVersion: 3, requires: true, packages: { '': { name, dependencies, engines }, ...locked } }
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
