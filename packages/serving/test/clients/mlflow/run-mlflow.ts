// ONNX models logged by MLflow, imported from a folder and from its server, then served and read with MLflow's own client:
//   node --conditions=@martlet/source run-mlflow.ts <python with mlflow>
import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { emptyFolder } from '../../../../cli/test/run-martlet.ts'

const [given = '.tmp/python-mlflow/bin/python'] = process.argv.slice(2)
const python = resolve(given)
const env = { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true', DO_NOT_TRACK: 'true', GIT_PYTHON_REFRESH: 'quiet' }

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

async function runPython(script: string, ...args: readonly string[]): Promise<void> {
  const child = spawn(python, [join(import.meta.dirname, script), ...args], { stdio: 'inherit', env })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`${script} ended with ${code}`)
}

async function answers(url: string): Promise<void> {
  for (let second = 0; second < 120; second++) {
    const response = await fetch(`${url}/health`).catch(() => undefined)
    if (response?.ok === true) return
    await sleep(1000)
  }
  throw new Error(`${url} does not answer`)
}

/** A server and the processes that it started. */
function stop({ pid }: ChildProcess): void {
  if (pid !== undefined) process.kill(-pid, 'SIGTERM')
}

await using project = await emptyFolder()
await cp(join(import.meta.dirname, 'project'), project.folder, { recursive: true })
await mkdir(project.path('mlflow'))
const port = await freePort()
const mlflowUrl = `http://127.0.0.1:${port}`
const options = ['--host', '127.0.0.1', '--port', String(port), '--workers', '1']
const store = ['--backend-store-uri', `sqlite:///${project.path('mlflow', 'mlflow.db')}`]
const files = ['--artifacts-destination', project.path('mlflow', 'files')]
const mlflow = spawn(python, ['-m', 'mlflow', 'server', ...options, ...store, ...files], {
  stdio: ['ignore', 'ignore', 'inherit'],
  detached: true,
  env,
})
try {
  const seeded = await project.node('seed.ts')
  if (seeded.code !== 0) throw new Error(seeded.stderr)
  await project.json(0, 'apply', '--yes')
  await project.json(0, 'materialize')
  await answers(mlflowUrl)
  await runPython('write_models.py', mlflowUrl, project.path('logged'))
  const { run, logged } = z
    .object({ run: z.string(), logged: z.string() })
    .parse(JSON.parse(await readFile(project.path('logged', 'run.json'), 'utf8')))

  const imports = (code: number, place: string, ...more: readonly string[]): Promise<unknown> =>
    project.json(code, 'models', 'import', place, '--service', 'growth', ...more)
  const imported = (result: unknown) =>
    z
      .object({
        created: z.boolean(),
        version: z.object({
          version: z.int(),
          runId: z.string(),
          source: z.string(),
          description: z.string(),
          tags: z.record(z.string(), z.string()),
          metrics: z.record(z.string(), z.number()),
        }),
      })
      .parse(result)
  const from = ['--from', mlflowUrl]
  const golden = ['--golden', 'logged/network/golden.json']
  const asNetwork = ['--model', 'network']

  // A registered version of a live server, with what its run recorded.
  const registered = imported(await imports(0, 'models:/network@champion', ...from, ...golden))
  assert.deepEqual([registered.created, registered.version.version], [true, 1])
  assert.deepEqual(registered.version.metrics, { rmse: 0.125, r2: 0.5 })
  assert.deepEqual(registered.version.tags, { 'param.layers': '3', 'param.seed': '7', reviewed: 'yes' })
  assert.equal(registered.version.description, 'Growth of a plot.')
  assert.equal(registered.version.runId, run)
  assert.equal(registered.version.source, `models:/network/1 at ${mlflowUrl}`)
  // Wherever the same file comes from, it is the same version: its number, a logged model, files of a run, a folder.
  const same: readonly (readonly string[])[] = [
    ['models:/network/1', ...golden],
    [`models:/${logged}`, ...golden, ...asNetwork],
    [`runs:/${run}/exported`, ...asNetwork],
    ['logged/network', ...asNetwork],
  ]
  for (const [place = '', ...more] of same) {
    const again = imported(await imports(0, place, ...from, ...more))
    assert.deepEqual([place, again.created, again.version.version], [place, false, 1])
  }
  // A folder with external weights.
  const second = imported(await imports(0, 'logged/second', ...asNetwork))
  assert.deepEqual([second.created, second.version.version], [true, 2])
  // One input for each feature, with a signature of tensors.
  const additive = imported(await imports(0, 'models:/additive/1', ...from, '--golden', 'logged/additive.json'))
  assert.deepEqual([additive.created, additive.version.version], [true, 1])
  // Columns in another order than the features of the service.
  const wrong = JSON.stringify(await imports(1, 'logged/wrong', ...asNetwork))
  assert.match(wrong, /MLFLOW_SIGNATURE_MISMATCH.*at position 0 the signature has column .*light.*plots__rain/)
  const absent = JSON.stringify(await imports(1, 'models:/network@nobody', ...from, ...golden))
  assert.match(absent, /MLFLOW_REFUSED.*alias nobody not found/)
  console.log('models were imported from folders, a registry, a run and a logged model of MLflow')
} finally {
  stop(mlflow)
}

await project.json(0, 'models', 'promote', 'network', '1', '--reason', 'first')
await project.json(0, 'models', 'promote', 'network', '2', '--alias', 'next', '--reason', 'to compare')
await project.json(0, 'models', 'promote', 'additive', '1', '--reason', 'first')
const server = project.start('serve', '--json')
try {
  const { url } = z.object({ url: z.string() }).parse(JSON.parse(await server.printed('"url"', 'stdout')))
  await runPython('read_registry.py', url, project.path('logged', 'expected.json'))
} finally {
  server.child.kill('SIGTERM')
  const { stderr } = await server.ended
  // A server that printed an error is no better than a client that did.
  if (/ \(request /.test(stderr)) {
    console.error(stderr)
    process.exitCode = 1
  }
}
