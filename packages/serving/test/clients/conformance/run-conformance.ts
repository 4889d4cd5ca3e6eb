// Starts a server on real models and holds it to its own description, with tools that other people wrote:
//   node --conditions=@martlet/source run-conformance.ts <python> [requests]
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { hashApiKey, listen, type Scope } from '../../../src/index.ts'
import { inferenceBacking } from '../../open-inference/support/inference-backing.ts'

const SCOPES: readonly Scope[] = [
  'features:read',
  'models:predict',
  'models:read',
  'catalog:read',
  'metrics:read',
  'jobs:run',
]
const [python = '.tmp/clients-conformance/bin/python', requests = '5000'] = process.argv.slice(2)
const folder = await mkdtemp(join(tmpdir(), 'martlet-conformance-'))
try {
  const backing = await inferenceBacking(folder)
  const failures: unknown[] = []
  const app = backing.serve({
    auth: { keys: [{ name: 'everything', sha256: hashApiKey('open sesame'), scopes: SCOPES }] },
    // More jobs than requests can ask for.
    jobs: { limits: { perCaller: 1e6, inAll: 1e6 } },
    log: { folder: join(folder, 'log') },
    onError: (failure) => failures.push(failure),
  })
  const server = await listen(app, { port: 0, signals: false })
  const script = join(import.meta.dirname, 'conformance.py')
  const child = spawn(resolve(python), [script, `http://127.0.0.1:${server.port}`, 'open sesame', requests], {
    stdio: 'inherit',
  })
  const [code] = await once(child, 'exit')
  await server.close()
  await backing.close()
  if (failures.length > 0) console.error('the server failed', failures.length, 'times:', failures[0])
  process.exitCode = code === 0 && failures.length === 0 ? 0 : 1
} finally {
  await rm(folder, { recursive: true })
}
