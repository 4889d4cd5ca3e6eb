/**
 * Roll-outs and roll-backs under load: one half is promoted, the other goes back. No answer may be other than 200, each must be by
 * exactly the version that it names, an entity must not change its version within a step or leave the candidate while the weight
 * grows, and the shares must be within three standard errors of the weights. What follows `--` is given to `martlet serve`.
 *
 * node --conditions=@martlet/source bench/http/rollouts.ts [roll-outs] [seconds a step] [-- --workers 2]
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { linearRegressionOnnx, type Registry } from '@martlet/registry'
import { loadProject } from 'martlet'

const given = process.argv.slice(2)
const split = given.indexOf('--')
const [rollouts = '20', seconds = '4'] = split === -1 ? given : given.slice(0, split)
const serveArguments = split === -1 ? [] : given.slice(split + 1)

const repository = join(import.meta.dirname, '../..')
const martlet = join(repository, 'packages/cli/bin/martlet.js')
const folder = await mkdtemp(join(tmpdir(), 'martlet-rollouts-'))
await symlink(join(repository, 'node_modules'), join(folder, 'node_modules'))

async function node(...args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, ['--conditions=@martlet/source', ...args], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}`)
}

await node(martlet, 'init')
await node('seed.ts')
for (const command of ['apply --yes', 'materialize']) await node(martlet, ...command.split(' '))

const project = await loadProject(join(folder, 'martlet.config.ts'))
const registry = await project.registry()
const { services } = await project.definitions()
const service = services.get('next_day')
if (service === undefined) throw new Error('The project has no service next_day.')
for (const bias of [1000, 2000])
  await registry.register({
    model: 'm',
    // A row that nothing is known about is predicted too, and its answer says by which version.
    onnx: linearRegressionOnnx({
      features: ['customer_usage__kwh_1d', 'customer_usage__kwh_7d'],
      weights: [0, 0],
      bias,
      impute: [0, 0],
    }),
    service: service.plan,
    goldenRows: { inputs: [[0, 0]], outputs: { prediction: [bias] } },
    actor: 'bench',
  })
await registry.setAlias('m', 'champion', 1, { expect: null, reason: 'first', actor: 'bench' })

const server = spawn(
  process.execPath,
  ['--conditions=@martlet/source', martlet, 'serve', '--port', '0', '--json', ...serveArguments],
  { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] },
)
const [line] = await once(server.stdout, 'data')
const { url }: { url: string } = JSON.parse(String(line))

interface Seen {
  /** The version of each entity; 0 when it had both. */
  readonly versions: Map<string, number>
  requests: number
}
let seen: Seen = { versions: new Map(), requests: 0 }
const problems: string[] = []
let answered = 0
const agent = new Agent({ keepAlive: true, maxSockets: 8 })

function ask(key: string): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      `${url}/v1/models/m/predict`,
      { method: 'POST', agent, headers: { 'content-type': 'application/json' } },
      (response) => text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject),
    )
    sent.on('error', reject)
    sent.end(JSON.stringify({ keys: [{ customer_id: key }] }))
  })
}

const load = { running: true }
async function caller(): Promise<void> {
  while (load.running) {
    const key = `entity-${Math.floor(Math.random() * 5000)}`
    const { status, body } = await ask(key)
    answered++
    if (status !== 200) {
      problems.push(`${status}: ${body.slice(0, 200)}`)
      continue
    }
    const { version, rows }: { version: number; rows: { prediction: { prediction: number } }[] } = JSON.parse(body)
    if (rows[0]?.prediction.prediction !== version * 1000) problems.push(`version ${version} answered ${body}`)
    const before = seen.versions.get(key)
    seen.versions.set(key, before === undefined || before === version ? version : 0)
    seen.requests++
  }
}
const callers = Array.from({ length: 8 }, caller)

interface Shown {
  readonly rollout: { readonly rollout: number; readonly step: number; readonly obstacle: string | null } | null
  readonly loaded: readonly { readonly version: number; readonly aliases: readonly string[] }[]
}

/** Requests are counted once all processes that answer have heard of a change, in a row of questions on new connections. */
async function observe(isThere: (shown: Shown) => boolean): Promise<Seen> {
  const deadline = Date.now() + 60_000
  for (let row = 0; row < 30;) {
    const response = await fetch(`${url}/v1/models/m`, { headers: { connection: 'close' } })
    const shown: Shown = JSON.parse(await response.text())
    row = isThere(shown) ? row + 1 : 0
    if (Date.now() > deadline) throw new Error(`A change was not heard of within a minute: ${JSON.stringify(shown)}`)
    await sleep(row === 0 ? 200 : 5)
  }
  // What was asked before.
  await sleep(500)
  seen = { versions: new Map(), requests: 0 }
  await sleep(Number(seconds) * 1000)
  return seen
}

const champion = async (of: Registry): Promise<number> => (await of.resolve('m', 'champion')).version
const deviations: number[] = []
for (let index = 1; index <= Number(rollouts); index++) {
  const stable = await champion(registry)
  const version = 3 - stable
  const weights = [5 + ((index * 13) % 40), 55 + ((index * 17) % 40)]
  const steps = weights.map((weight) => ({ weight, holdMinutes: 0, minRequests: 0 }))
  const by = { reason: 'bench', actor: 'bench' }
  await registry.rollouts.start('m', { ...by, version, steps })
  let before = new Set<string>()
  const shares: string[] = []
  for (const [step, weight] of weights.entries()) {
    if (step > 0) await registry.rollouts.advance('m', by)
    const { versions } = await observe(
      ({ rollout }) => rollout?.rollout === index && rollout.step === step && rollout.obstacle === null,
    )
    const both = [...versions].filter(([, of]) => of === 0)
    if (both.length > 0) problems.push(`${both.length} entities had both versions at ${weight} %`)
    const now = new Set([...versions].flatMap(([key, of]) => (of === version ? [key] : [])))
    const lost = [...before].filter((key) => versions.has(key) && !now.has(key))
    if (lost.length > 0) problems.push(`${lost.length} entities left the candidate at ${weight} %`)
    before = now
    const error = Math.sqrt((weight / 100) * (1 - weight / 100) * versions.size)
    const deviation = (now.size - (versions.size * weight) / 100) / error
    deviations.push(deviation)
    shares.push(`${weight} % → ${((now.size / versions.size) * 100).toFixed(1)} % (${deviation.toFixed(1)} σ)`)
  }
  const end = index % 2 === 0 ? 'advance' : 'rollBack'
  await registry.rollouts[end]('m', by)
  const live = await champion(registry)
  const { versions } = await observe(
    ({ rollout, loaded }) =>
      rollout === null && loaded.some(({ version, aliases }) => version === live && aliases.includes('champion')),
  )
  const others = [...versions].filter(([, of]) => of !== live)
  if (others.length > 0) problems.push(`${others.length} entities did not have version ${live} after roll-out ${index}`)
  process.stdout.write(
    `${index}: ${stable} → ${version}, ${shares.join(', ')}, ${end === 'advance' ? 'promoted' : 'back'}\n`,
  )
}
load.running = false
await Promise.all(callers)
agent.destroy()
const evidence = await registry.rollouts.list({ model: 'm' })
server.kill('SIGTERM')
await once(server, 'exit')
await project.close()
await rm(folder, { recursive: true, force: true })

const largest = Math.max(...deviations.map(Math.abs))
process.stdout.write(
  `${evidence.length} roll-outs, ${answered.toLocaleString('en-US')} answers, ${problems.length} problems, ` +
    `largest deviation ${largest.toFixed(1)} σ of ${deviations.length} shares\n`,
)
for (const problem of problems.slice(0, 20)) process.stdout.write(`  ${problem}\n`)
process.exitCode = problems.length === 0 && largest < 3 ? 0 : 1
