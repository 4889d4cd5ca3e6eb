import { execFile } from 'node:child_process'
import process from 'node:process'
import { MartletError } from '@martlet/warehouse'

/** Set where a hook of git runs the command: they would lead to another repository or index than that of the folder. */
const OF_HOOKS = ['GIT_DIR', 'GIT_INDEX_FILE', 'GIT_WORK_TREE', 'GIT_PREFIX', 'GIT_OBJECT_DIRECTORY', 'GIT_COMMON_DIR']

/** Settings of a user that would print more, or start a process that stays. */
const QUIET = ['-c', 'log.showSignature=false', '-c', 'core.fsmonitor=false']

export interface GitAnswer {
  readonly code: number
  readonly stdout: string
  /** The first line of what it complained about. */
  readonly complaint: string
}

/**
 * Runs git in a folder.
 * @throws MartletError DIFF_GIT_MISSING when git cannot be started
 */
export async function git(
  folder: string,
  args: readonly string[],
  { env = {}, signal }: { readonly env?: NodeJS.ProcessEnv; readonly signal?: AbortSignal } = {},
): Promise<GitAnswer> {
  const own = Object.entries(process.env).filter(([name]) => !OF_HOOKS.includes(name))
  return new Promise((resolve, reject) => {
    execFile(
      'git',
      ['-C', folder, ...QUIET, ...args],
      {
        env: { ...Object.fromEntries(own), LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0', ...env },
        maxBuffer: 64 * 1024 * 1024,
        ...(signal === undefined ? {} : { signal }),
      },
      (error, stdout, stderr) => {
        if (signal?.aborted === true) {
          reject(new MartletError('CANCELLED', 'The comparison was stopped.'))
          return
        }
        if (error !== null && typeof error.code !== 'number') {
          reject(
            new MartletError(
              'DIFF_GIT_MISSING',
              'git cannot be run here, so no commit can be compared with. Install it, or compare with `--against applied` ' +
                'or a file of `martlet export definitions`.',
              { cause: error },
            ),
          )
          return
        }
        const complaint = stderr.split('\n').find((line) => line.trim() !== '') ?? ''
        resolve({ code: error === null ? 0 : Number(error.code), stdout, complaint: complaint.trim() })
      },
    )
  })
}
