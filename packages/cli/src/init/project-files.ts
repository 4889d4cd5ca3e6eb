import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { readingsCsv } from './readings.ts'

const templates = join(import.meta.dirname, '../../templates')
const version = '0.1.0'

/** The files of a new project by name. The readings end at the midnight (UTC) before `today`. */
export function projectFiles({ today, folder }: { readonly today: Date; readonly folder: string }): Readonly<Record<string, string>> {
  return {
    'package.json': packageJson(folder),
    'martlet.config.ts': template('martlet.config.ts'),
    'definitions.ts': template('definitions.ts'),
    'readings.csv': readingsCsv(today),
    'seed.ts': template('seed.ts'),
    'spine.sql': template('spine.sql'),
    'train.ts': template('train.ts'),
    'README.md': template('README.md'),
    // A file of the real name would be left out when this package is packed.
    '.gitignore': template('gitignore'),
  }
}

function template(name: string): string {
  return readFileSync(join(templates, name), 'utf8')
}

function packageJson(folder: string): string {
  const name = basename(folder).toLowerCase().replace(/[^a-z0-9._-]+/g, '-').replace(/^[._-]+/, '') || 'martlet-project'
  const martlet = Object.fromEntries(['@martlet/feature-store', '@martlet/registry', '@martlet/warehouse', 'martlet'].map((dependency) => [dependency, version]))
  return `${JSON.stringify({ name, private: true, type: 'module', engines: { node: '>=22.18' }, dependencies: { ...martlet, 'onnxruntime-node': '^1.30.0', zod: '^4.0.0' } }, null, 2)}\n`
}
