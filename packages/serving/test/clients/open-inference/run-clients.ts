// Starts a server on real models and asks it with clients that other people wrote:
//   node --conditions=@martlet/source run-clients.ts <python> <script>...
// Each script gets the address of the server and fails when an answer is not what it expects.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { listen } from '../../../src/index.ts'
import { inferenceBacking } from '../../open-inference/support/inference-backing.ts'

const [python = 'python3', ...scripts] = process.argv.slice(2)
const folder = await mkdtemp(join(tmpdir(), 'martlet-clients-'))
try {
  const backing = await inferenceBacking(folder)
  const failures: unknown[] = []
  const app = backing.serve({ onError: (failure) => failures.push(failure) })
  const server = await listen(app, { port: 0, signals: false })
  for (const script of scripts) {
    const child = spawn(resolve(python), [join(import.meta.dirname, script), `127.0.0.1:${server.port}`], {
      stdio: 'inherit',
    })
    const [code] = await once(child, 'exit')
    if (code !== 0) process.exitCode = 1
  }
  await server.close()
  await backing.close()
  if (failures.length > 0) {
    process.stderr.write(`the server failed ${failures.length} times: ${String(failures[0])}\n`)
    process.exitCode = 1
  }
} finally {
  await rm(folder, { recursive: true })
}
