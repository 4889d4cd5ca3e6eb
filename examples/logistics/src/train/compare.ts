// Serves the project and compares predictions over HTTP with Python's, for every model that Python has trained:
//   npm run compare -w examples/logistics
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import type { Readable } from 'node:stream'
import { runScript, trainersPython } from './python.ts'
import { STATE } from '../state-folder.ts'
import { readSpecs } from './specs.ts'

/** Where the server listens, once it has said so. */
function addressOf(server: ChildProcessByStdio<null, Readable, null>): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = ''
    server.stdout.setEncoding('utf8').on('data', (part: string) => {
      printed += part
      const url = /"url":\s*"([^"]+)"/.exec(printed)?.[1]
      if (url !== undefined) resolve(url)
    })
    server.once('close', () => reject(new Error(`the server ended before it listened: ${printed}`)))
  })
}

const example = join(import.meta.dirname, '../..')
const folder = join(STATE, 'training')
const models = [...(await readSpecs())].filter(([name]) => existsSync(join(folder, name, 'model.pickle')))
if (models.length === 0) throw new Error('Python has trained no model here yet: npm run train -w examples/logistics')
const python = await trainersPython()

const bin = join(example, '../../packages/cli/bin/martlet.js')
const server = spawn(process.execPath, ['--conditions=@martlet/source', bin, 'serve', '--port', '0', '--json'], {
  cwd: example,
  stdio: ['ignore', 'pipe', 'inherit'],
})
try {
  const url = await addressOf(server)
  for (const [name, { trainingSet }] of models)
    process.stdout.write(
      runScript(python, 'compare_http.py', [url, join(folder, name), join(folder, `${trainingSet}.parquet`)]),
    )
} finally {
  server.kill('SIGTERM')
}
