import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import type { Narrator } from './narrator.ts'

/** The project of the example, in which every command runs. */
export const EXAMPLE: string = join(import.meta.dirname, '../..')
const SOURCE = '--conditions=@martlet/source'
/** The command of the clone. */
export const MARTLET: string = join(EXAMPLE, '../../packages/cli/bin/martlet.js')

export interface Shown {
  /** So many of the last lines are shown. @default all */
  readonly last?: number
  /** Nothing is shown after the first line that matches. */
  readonly upTo?: RegExp
  /** Exit codes that are no failure. @default only 0 */
  readonly codes?: readonly number[]
}

/** Runs commands as a user would, shows what they print, and fails when one of them does. */
export class Commands {
  protected readonly say: Narrator
  readonly #environment: NodeJS.ProcessEnv
  readonly #folder: string

  /** @param folder the project in which they run */
  constructor(say: Narrator, environment: Readonly<Record<string, string>>, folder: string = EXAMPLE) {
    this.say = say
    this.#folder = folder
    this.#environment = {
      NODE_COMPILE_CACHE: join(EXAMPLE, '../../.tmp/compile-cache'),
      ...process.env,
      ...environment,
    }
  }

  /** `martlet load`, with the sources of this repository. Returns what was printed. */
  martlet(args: readonly string[], shown: Shown = {}): Promise<string> {
    return this.#run(['martlet', ...args].join(' '), [MARTLET, ...args], shown)
  }

  /** A script of the example, shown under the name that package.json gives it. */
  script(file: string, name: string, args: readonly string[], shown: Shown = {}): Promise<string> {
    const given = args.length === 0 ? '' : ` -- ${args.join(' ')}`
    return this.#run(`npm run ${name}${given}`, [join(this.#folder, file), ...args], shown)
  }

  /** Starts `martlet serve` on a free port; resolves with its address. */
  async serve(): Promise<{ readonly url: string; stop(): Promise<void> }> {
    const args = ['serve', '--port', '0']
    this.say.command(['martlet', ...args].join(' '))
    const child = this.spawn([MARTLET, ...args])
    const url = await new Promise<string>((resolve, reject) => {
      let printed = ''
      const read = (chunk: Buffer): void => {
        printed += chunk.toString()
        const found = /http:\/\/[\d.]+:\d+/.exec(printed)
        if (found !== null) resolve(found[0])
      }
      child.stdout?.on('data', read)
      child.stderr?.on('data', read)
      child.on('exit', (code) => reject(new Error(`martlet serve ended with ${code}: ${printed}`)))
    })
    return {
      url,
      stop: () =>
        new Promise((resolve) => {
          child.on('exit', () => resolve())
          child.kill('SIGTERM')
        }),
    }
  }

  async #run(text: string, args: readonly string[], { last, upTo, codes = [0] }: Shown): Promise<string> {
    this.say.command(text)
    const child = this.spawn(args)
    let stdout = ''
    let stderr = ''
    child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
    if (code === null || !codes.includes(code)) throw new Error(`${text} ended with ${code}:\n${stdout}${stderr}`)
    const lines = stdout.trimEnd().split('\n')
    const end = upTo === undefined ? -1 : lines.findIndex((line) => upTo.test(line))
    const shown = end < 0 ? lines : lines.slice(0, end + 1)
    for (const line of last === undefined ? shown : shown.slice(shown.length - last)) this.say.line(line)
    return stdout
  }

  /** Starts Node with these arguments, in the project. */
  protected spawn(args: readonly string[]): ChildProcess {
    return spawn(process.execPath, [SOURCE, ...args], {
      cwd: this.#folder,
      env: this.#environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }
}
