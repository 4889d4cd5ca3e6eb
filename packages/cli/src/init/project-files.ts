import { basename } from 'node:path'
import { definitionsFile } from './definitions-file.ts'
import { configFile, packageFile, readmeFile, seedFile, spineFile } from './frame-files.ts'
import { readingsCsv } from './readings.ts'
import { trainFile } from './train-file.ts'

/** The files of a new project by name. The readings end at the midnight (UTC) before `today`. */
export function projectFiles({ today, folder }: { readonly today: Date; readonly folder: string }): Readonly<Record<string, string>> {
  const name = basename(folder).toLowerCase().replace(/[^a-z0-9._-]+/g, '-').replace(/^[._-]+/, '') || 'martlet-project'
  return {
    'package.json': packageFile(name),
    'martlet.config.ts': configFile,
    'definitions.ts': definitionsFile,
    'readings.csv': readingsCsv(today),
    'seed.ts': seedFile,
    'spine.sql': spineFile,
    'train.ts': trainFile,
    'README.md': readmeFile(name),
    '.gitignore': 'node_modules\n.martlet\nreports\nmodel.onnx\ngolden.json\nmetrics.json\n',
  }
}
