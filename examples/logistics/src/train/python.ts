import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'

const example = join(import.meta.dirname, '../..')
const SCRIPTS = join(example, 'train')

/**
 * The Python of an environment with the packages of `train/requirements.txt`, which is made when there is none, or when they have
 * changed. `MARTLET_PYTHON` names another one, which then has to have them.
 *
 * @throws Error when it cannot be made
 */
export async function trainersPython(): Promise<string> {
  const named = process.env['MARTLET_PYTHON']
  if (named !== undefined) return named
  const folder = join(example, '../../.tmp/logistics-python')
  const python = join(folder, 'bin/python')
  const wanted = await readFile(join(SCRIPTS, 'requirements.txt'), 'utf8')
  const note = join(folder, 'requirements.txt')
  if (existsSync(note) && (await readFile(note, 'utf8')) === wanted) return python
  await mkdir(folder, { recursive: true })
  try {
    execFileSync('python3', ['-m', 'venv', folder], { stdio: 'pipe' })
    const pip = ['-m', 'pip', 'install', '--quiet', '--only-binary=:all:', '-r', join(SCRIPTS, 'requirements.txt')]
    execFileSync(python, pip, { stdio: ['ignore', 'ignore', 'pipe'] })
  } catch (cause) {
    throw new Error('the Python environment of train/requirements.txt cannot be made here', { cause })
  }
  await writeFile(note, wanted)
  return python
}

/** Runs a script of `train/` and returns what it printed. */
export function runScript(python: string, script: string, args: readonly string[]): string {
  return execFileSync(python, [join(SCRIPTS, script), ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}
