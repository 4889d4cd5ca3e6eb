// One Kafka node for tests and demos: `npm run kafka -- --fetch` fetches its jars, `npm run kafka` runs it until Ctrl-C, and
// `npm run kafka -- <command> {brokers}` runs it for as long as a command does, with its address put in.
import { spawn } from 'node:child_process'
import { startBroker } from './broker.ts'
import { fetchJars, jarFolder } from './jars.ts'

const command = process.argv.slice(2)
try {
  await fetchJars()
  if (command[0] === '--fetch') console.log(`The jars of the broker are in ${jarFolder}.`)
  else await runBroker()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

async function runBroker(): Promise<void> {
  const broker = await startBroker()
  try {
    console.log(`A Kafka broker listens on ${broker.address}.`)
    process.exitCode = command.length === 0 ? await interrupted() : await run(broker.address)
  } finally {
    await broker.stop()
  }
}

function interrupted(): Promise<number> {
  // A timer, because signals alone do not keep a process up.
  const timer = setInterval(() => undefined, 60_000)
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => {
        clearInterval(timer)
        resolve(0)
      })
  })
}

function run(address: string): Promise<number> {
  const [program = '', ...args] = command.map((word) => word.replaceAll('{brokers}', address))
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit', env: { ...process.env, MARTLET_KAFKA: address } })
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })
}
