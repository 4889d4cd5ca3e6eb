import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Admin } from '@platformatic/kafka'
import { jarFolder, whyNoBroker } from './jars.ts'

export interface Broker {
  /** The address that clients are given, such as `127.0.0.1:40001`. */
  readonly address: string
  /** Where it wants a login, by PLAIN or SCRAM-SHA-256. */
  readonly login: { readonly address: string; readonly username: string; readonly password: string }
  /** Where it speaks TLS, and the PEM text of the authority that it is trusted by. */
  readonly tls: { readonly address: string; readonly ca: string }
  /** Ends it as a power cut would: SIGKILL. */
  kill(): Promise<void>
  /** Starts it again, on the same port and the same data. */
  start(): Promise<void>
  /** Ends it and removes its data. */
  stop(): Promise<void>
}

/** Of a broker for tests, so no secret. */
const USER = 'martlet'
const PASSWORD = 'open-sesame'
const MODULES = 'org.apache.kafka.common.security'

/**
 * Starts one Kafka node, broker and controller in one process, in a temporary folder and on free ports, and waits until it
 * answers.
 * @throws Error that says what is missing, or the end of the broker's log when it does not become ready
 */
export async function startBroker(): Promise<Broker> {
  const reason = whyNoBroker()
  if (reason !== undefined) throw new Error(`A Kafka broker cannot be started: ${reason}.`)
  const folder = mkdtempSync(join(tmpdir(), 'martlet-kafka-'))
  const [port = 0, loginPort = 0, tlsPort = 0, controllerPort = 0] = await freePorts(4)
  const address = `127.0.0.1:${port}`
  const settings = join(folder, 'server.properties')
  writeFileSync(settings, properties(folder, { port, loginPort, tlsPort, controllerPort }))
  const log = join(folder, 'broker.log')

  let child: ChildProcess | undefined
  const start = async (): Promise<void> => {
    const output = openSync(log, 'a')
    const jvm = ['-Xms128m', '-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']
    child = spawn('java', [...jvm, '-cp', join(jarFolder, '*'), 'kafka.Kafka', settings], {
      stdio: ['ignore', output, output],
    })
    await ready(address, child, log)
  }
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ending = child
    child = undefined
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return
    const exited = new Promise((resolve) => ending.once('exit', resolve))
    ending.kill(signal)
    await exited
  }
  // Nothing is left behind by a run that is ended in the middle.
  const onExit = (): void => void child?.kill('SIGKILL')
  process.once('exit', onExit)
  const stop = async (): Promise<void> => {
    process.removeListener('exit', onExit)
    await end('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    certify(folder)
    formatStorage(settings)
    await start()
  } catch (error) {
    await stop()
    throw error
  }
  const login = { address: `127.0.0.1:${loginPort}`, username: USER, password: PASSWORD }
  const tls = { address: `127.0.0.1:${tlsPort}`, ca: readFileSync(join(folder, 'ca.pem'), 'utf8') }
  return { address, login, tls, kill: () => end('SIGKILL'), start, stop }
}

/** A key and a certificate of its own, made by what every Java has. */
function certify(folder: string): void {
  const store = ['-keystore', join(folder, 'tls.p12'), '-storepass', PASSWORD, '-alias', 'broker']
  const name = ['-dname', 'CN=broker', '-ext', 'san=ip:127.0.0.1', '-keyalg', 'EC', '-validity', '30']
  for (const args of [
    ['-genkeypair', '-storetype', 'PKCS12', ...store, ...name],
    ['-exportcert', '-rfc', '-file', join(folder, 'ca.pem'), ...store],
  ]) {
    const made = spawnSync('keytool', args, { encoding: 'utf8' })
    if (made.status !== 0) throw new Error(`No certificate can be made: ${made.stdout}${made.stderr}`)
  }
}

function formatStorage(settings: string): void {
  const cluster = `--cluster-id=${randomBytes(16).toString('base64url')}`
  const user = ['--add-scram', `SCRAM-SHA-256=[name=${USER},password=${PASSWORD}]`]
  const args = ['-XX:TieredStopAtLevel=1', '-cp', join(jarFolder, '*'), 'kafka.tools.StorageTool', 'format']
  const formatted = spawnSync('java', [...args, cluster, '-c', settings, ...user], { encoding: 'utf8' })
  if (formatted.status !== 0) throw new Error(`Kafka's storage cannot be formatted: ${formatted.stderr}`)
}

async function ready(address: string, child: ChildProcess, log: string): Promise<void> {
  const until = Date.now() + 90_000
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > until)
      throw new Error(`The Kafka broker did not become ready: ${readFileSync(log, 'utf8').slice(-2000)}`)
    const admin = new Admin({ clientId: 'ready', bootstrapBrokers: [address], retries: 0, timeout: 1000 })
    try {
      await admin.listTopics()
      return
    } catch {
      await sleep(100)
    } finally {
      await admin.close()
    }
  }
}

/** Ports that are free now, below those that the system gives to outgoing connections: nobody takes them by chance. */
async function freePorts(count: number): Promise<readonly number[]> {
  const ports: number[] = []
  while (ports.length < count) {
    const port = 20_000 + Math.floor(Math.random() * 10_000)
    if (!ports.includes(port) && (await isFree(port))) ports.push(port)
  }
  return ports
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

interface Ports {
  readonly port: number
  readonly loginPort: number
  readonly tlsPort: number
  readonly controllerPort: number
}

function properties(folder: string, { port, loginPort, tlsPort, controllerPort }: Ports): string {
  const open = `PLAINTEXT://127.0.0.1:${port},LOGIN://127.0.0.1:${loginPort},TLS://127.0.0.1:${tlsPort}`
  return Object.entries({
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `${open},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': open,
    'inter.broker.listener.name': 'PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,LOGIN:SASL_PLAINTEXT,TLS:SSL,CONTROLLER:PLAINTEXT',
    'listener.name.tls.ssl.keystore.type': 'PKCS12',
    'listener.name.tls.ssl.keystore.location': join(folder, 'tls.p12'),
    'listener.name.tls.ssl.keystore.password': PASSWORD,
    'listener.name.tls.ssl.key.password': PASSWORD,
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256',
    'listener.name.login.plain.sasl.jaas.config': `${MODULES}.plain.PlainLoginModule required user_${USER}="${PASSWORD}";`,
    'listener.name.login.scram-sha-256.sasl.jaas.config': `${MODULES}.scram.ScramLoginModule required;`,
    'log.dirs': join(folder, 'data'),
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'auto.create.topics.enable': false,
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 500,
  })
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}
