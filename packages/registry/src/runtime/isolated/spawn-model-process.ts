import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { extname, join, parse } from 'node:path'
import process from 'node:process'
import { MartletError } from '@martlet/warehouse'

const MIB = 2 ** 20
/** The private memory of a process without a model: measured 40 MiB with onnxruntime loaded, and up to 90 after many runs. */
export const EMPTY_RESIDENT_BYTES: number = 96 * MIB
/** Its writable mappings, which the kernel limits: 590 MiB measured on Linux x64, of which V8 reserves 510 for code. */
const EMPTY_MAPPED_BYTES = 640 * MIB

const SHELL = '/bin/sh'
/** The limit applies to the command that replaces the shell. Where it cannot be set, the parent's memory watch remains. */
const LIMITED = 'ulimit -c 0; ulimit -d "$1" 2>/dev/null; shift; exec "$@"'
const FLAGS = ['--v8-pool-size=0', '--max-old-space-size=256', '--max-semi-space-size=4', '--no-warnings']
/** The variables that are needed to find shared libraries. All others, secrets included, stay with the parent. */
const ENVIRONMENT = ['PATH', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH', 'SystemRoot']

/** Starts the process of a model: no secrets, no open files, in the root folder, memory limited by the kernel where it can be. */
export function spawnModelProcess(memoryBytes: number): ChildProcess {
  const extension = extname(import.meta.filename)
  const entry = join(import.meta.dirname, `model-process${extension}`)
  if (!existsSync(entry))
    throw new MartletError(
      'ISOLATION_UNAVAILABLE',
      `The file that runs models in a process of their own is not at ${entry}. ` +
        "Leave @martlet/registry out of the bundle (mark it external), or load models with isolation: 'never'.",
      { data: { entry } },
    )
  const source = extension === '.ts' ? ['--conditions=@martlet/source'] : []
  const command = [process.execPath, ...FLAGS, ...source, entry, String(process.pid)]
  const shell = existsSync(SHELL)
  const kilobytes = Math.ceil((EMPTY_MAPPED_BYTES + memoryBytes) / 1024)
  const [program = '', ...args] = shell ? [SHELL, '-c', LIMITED, SHELL, String(kilobytes), ...command] : command
  return spawn(program, args, {
    cwd: parse(process.execPath).root,
    env: Object.fromEntries(
      ENVIRONMENT.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
    ),
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'advanced',
    windowsHide: true,
  })
}
