import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

const repository = join(import.meta.dirname, '../../..')
const entry = join(import.meta.dirname, '../bin/martlet.js')

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Started {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** Resolves with what was printed so far once it contains a text; rejects when the process ends first. */
  printed(text: string, where: 'stdout' | 'stderr'): Promise<string>
}

/** Options of this process, and the joined sources when there are some: they load sooner. See scripts/bundle-sources.ts. */
function nodeOptions(): string {
  const { NODE_OPTIONS: given = '', MARTLET_BUNDLE: bundle = '0' } = process.env
  return bundle === '0' || given.includes(bundle) ? given : `${given} --import=${JSON.stringify(bundle)}`.trim()
}

/** Runs Node on a file with the sources of this repository. */
export function start(
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv },
): Started {
  const child = spawn(process.execPath, ['--conditions=@martlet/source', ...args], {
    cwd: options.cwd,
    env: { ...process.env, NODE_OPTIONS: nodeOptions(), NO_COLOR: '1', COLUMNS: '100', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const out = { stdout: '', stderr: '' }
  const watchers = new Set<() => void>()
  for (const where of ['stdout', 'stderr'] as const) {
    child[where]?.setEncoding('utf8').on('data', (text: string) => {
      out[where] += text
      for (const look of watchers) look()
    })
  }
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, ...out }))
  })
  return {
    child,
    ended,
    printed: (text, where) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!out[where].includes(text)) return
          watchers.delete(look)
          resolve(out[where])
        }
        watchers.add(look)
        look()
        void ended.then(({ code, stdout, stderr }) =>
          reject(new Error(`ended with ${code} before it printed ${JSON.stringify(text)}\n${stdout}\n${stderr}`)),
        )
      }),
  }
}

export class TestProject implements AsyncDisposable {
  readonly folder: string

  constructor(folder: string) {
    this.folder = folder
  }

  /** Starts the command in this project. */
  start(...args: string[]): Started {
    return start([entry, ...args], { cwd: this.folder })
  }

  /** Runs the command to its end. */
  martlet(...args: string[]): Promise<Ended> {
    return this.start(...args).ended
  }

  /** Runs the command, expects an exit code, and returns its JSON document. */
  async json(code: number, ...args: string[]): Promise<unknown> {
    const ended = await this.martlet(...args, '--json')
    if (ended.code !== code)
      throw new Error(
        `martlet ${args.join(' ')} ended with ${ended.code}, not ${code}\n${ended.stdout}\n${ended.stderr}`,
      )
    return JSON.parse(ended.stdout)
  }

  /** Runs a file of the project. */
  async node(file: string): Promise<Ended> {
    return start([file], { cwd: this.folder }).ended
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts)
  }

  write(name: string, text: string): Promise<void> {
    return writeFile(this.path(name), text)
  }

  /** Rewrites a file; the text to replace must be there. */
  async edit(name: string, from: string, to: string): Promise<void> {
    const text = await readFile(this.path(name), 'utf8')
    if (!text.includes(from)) throw new Error(`${name} does not contain ${from}`)
    await this.write(name, text.replace(from, to))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true })
  }
}

/** An empty folder that finds the packages of this repository. */
export async function emptyFolder(): Promise<TestProject> {
  const project = new TestProject(await mkdtemp(join(tmpdir(), 'martlet-cli-')))
  await symlink(join(repository, 'node_modules'), project.path('node_modules'))
  return project
}

/** What `martlet init` makes, with its readings loaded. It is made once in a run of the tests, and copied. */
export async function seededProject(): Promise<TestProject> {
  const run = process.env['MARTLET_SEEDED']
  if (run === undefined) return newProject()
  const kept = join(run, 'project')
  if (!existsSync(kept)) {
    const made = await newProject()
    await cp(made.folder, `${kept}.${process.pid}`, { recursive: true, verbatimSymlinks: true })
    await made[Symbol.asyncDispose]()
    // Another file's project was there sooner.
    await rename(`${kept}.${process.pid}`, kept).catch((error: unknown) => {
      if (!existsSync(kept)) throw error
    })
  }
  const folder = await mkdtemp(join(tmpdir(), 'martlet-cli-'))
  await cp(kept, folder, { recursive: true, verbatimSymlinks: true })
  return new TestProject(folder)
}

async function newProject(): Promise<TestProject> {
  const project = await emptyFolder()
  for (const ended of [await project.martlet('init'), await project.node('seed.ts')]) {
    if (ended.code !== 0) throw new Error(ended.stderr)
  }
  return project
}
