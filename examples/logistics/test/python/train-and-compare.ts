// A small world from its generation to predictions over HTTP that equal Python's, in a folder of its own:
//   MARTLET_PYTHON=.tmp/python/bin/python node --conditions=@martlet/source train-and-compare.ts .tmp/logistics-trial
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import process from 'node:process'

const [given = '.tmp/logistics-trial'] = process.argv.slice(2)
const state = resolve(given)
const example = join(import.meta.dirname, '../..')
const repository = join(example, '../..')
const named = process.env['MARTLET_PYTHON']
rmSync(state, { recursive: true, force: true })

function run(file: string, ...args: readonly string[]): void {
  execFileSync(process.execPath, ['--conditions=@martlet/source', file, ...args], {
    cwd: example,
    env: {
      ...process.env,
      LOGISTICS_STATE: state,
      ...(named?.includes('/') === true ? { MARTLET_PYTHON: resolve(named) } : {}),
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
}
const martlet = (...args: readonly string[]): void => run(join(repository, 'packages/cli/bin/martlet.js'), ...args)
const lately = new Date(Date.now() - 6 * 86_400_000).toISOString().slice(0, 10)

martlet('deploy', '--yes', '--folder', join(repository, 'sql/duckdb/logistics'))
run(join(example, 'src/generate/run.ts'), '--vehicles', '25', '--fill')
martlet('apply', '--yes')
run(join(example, 'src/train/run.ts'), '--promote')
martlet('materialize', '--from', lately)
run(join(example, 'src/train/compare.ts'))
