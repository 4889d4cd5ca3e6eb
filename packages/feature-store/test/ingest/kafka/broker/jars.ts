import { spawn, spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const pom = join(import.meta.dirname, 'pom.xml')
const version = /<version>(\d+\.\d+\.\d+)<\/version>/.exec(readFileSync(pom, 'utf8'))?.[1] ?? 'unknown'
const root = join(import.meta.dirname, '../../../../../..')

/** Where the broker's jars are kept from one run to the next. */
export const jarFolder = join(root, '.tmp/kafka', version)

/** Why no broker can be started now, or undefined when one can. */
export function whyNoBroker(): string | undefined {
  const java = javaVersion()
  if (java === undefined) return 'there is no Java: `java -version` does not run'
  if (java < 17) return `Java ${java} is too old for Kafka ${version}: it needs 17`
  if (!existsSync(jarFolder)) return `the jars of Kafka ${version} are not there: run \`npm run kafka -- --fetch\``
  return undefined
}

/**
 * Fetches the jars of a broker with Maven, unless they are there.
 * @throws Error that says what is missing: Java, Maven or the way to its repository
 */
export async function fetchJars(): Promise<void> {
  const reason = whyNoBroker()
  if (reason === undefined || !reason.startsWith('the jars')) {
    if (reason !== undefined) throw new Error(`A Kafka broker cannot be started: ${reason}.`)
    return
  }
  // In a folder of its own until all are there, so that a fetch that was stopped leaves no half of a broker.
  const folder = `${jarFolder}.${process.pid}`
  mkdirSync(join(root, '.tmp/kafka'), { recursive: true })
  const args = ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', '-DincludeScope=runtime']
  const output = await run('mvn', [...args, `-DoutputDirectory=${folder}`])
  if (output !== undefined || globSync('kafka_*.jar', { cwd: folder }).length === 0) {
    rmSync(folder, { recursive: true, force: true })
    throw new Error(`Maven could not fetch the jars of Kafka ${version}: ${output ?? 'it copied none'}`)
  }
  if (existsSync(jarFolder)) rmSync(folder, { recursive: true, force: true })
  else renameSync(folder, jarFolder)
}

function javaVersion(): number | undefined {
  // It prints its properties as errors.
  const text = spawnSync('java', ['-XshowSettings:properties', '-version'], { encoding: 'utf8' }).stderr
  const major = /java\.specification\.version = (\d+)/.exec(text ?? '')?.[1]
  return major === undefined ? undefined : Number(major)
}

/** What a command said when it failed; undefined when it did not. */
function run(command: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    let text = ''
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 300_000 })
    child.stdout.on('data', (part: Buffer) => (text += part.toString()))
    child.stderr.on('data', (part: Buffer) => (text += part.toString()))
    child.on('error', (error) => resolve(`${command} does not run: ${error.message}`))
    child.on('close', (code) => resolve(code === 0 ? undefined : text.trim().slice(-500) || `it ended with ${code}`))
  })
}
