import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { MartletError } from '@martlet/warehouse'
import { z } from 'zod'
import { checkOut, commitOf, failed, type CheckOut, type Commit } from './check-out.ts'
import { readDefinitionSet, type DefinitionSet } from './definition-set.ts'

const BIN = join(import.meta.dirname, '../../bin/martlet.js')

/**
 * The definitions of a commit. Its code runs in a process of its own, in a temporary folder, with the packages that are
 * installed now.
 * @throws MartletError DIFF_GIT_MISSING, DIFF_NO_REPOSITORY or DIFF_REF_UNKNOWN when there is no such commit
 * @throws MartletError DIFF_DEFINITIONS_FAILED when its definitions do not load
 */
export async function loadCommit(
  ref: string,
  configFile: string,
  signal: AbortSignal,
): Promise<{ readonly commit: Commit; readonly definitions: DefinitionSet }> {
  const commit = await commitOf(dirname(configFile), ref, signal)
  using files = await checkOut(commit, configFile, signal)
  await exportDefinitions(files, signal)
  return { commit: files.commit, definitions: readDefinitionSet(files.output) }
}

/** So many characters are kept of what the code of a commit prints. */
const KEPT = 1_000_000

const answer = z.object({ error: z.object({ code: z.string(), message: z.string() }) })

async function exportDefinitions({ commit, config, folder, output }: CheckOut, signal: AbortSignal): Promise<void> {
  const words = ['export', 'definitions', '--into', output, '--config', config, '--json']
  const child = spawn(process.execPath, [...process.execArgv, BIN, ...words], {
    cwd: dirname(config),
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  })
  const printed = { stdout: '', stderr: '' }
  for (const where of ['stdout', 'stderr'] as const)
    child[where].setEncoding('utf8').on('data', (text: string) => {
      printed[where] = (printed[where] + text).slice(-KEPT)
    })
  const ended = await new Promise<number | string | null>((resolve, reject) => {
    child.once('error', (error) =>
      reject(signal.aborted ? new MartletError('CANCELLED', 'The comparison was stopped.') : error),
    )
    child.once('close', (code, by) => resolve(code ?? by))
  })
  if (ended === 0 && existsSync(output)) return
  if (ended === 0) throw failed(commit, 'its code ends the process before they are written')
  const said = answer.safeParse(lastJson(printed.stdout))
  // Paths in the message are of files that are gone when it is read.
  const shown = (text: string): string => text.replaceAll(`${folder}/`, '')
  if (said.success)
    throw failed(commit, `${said.data.error.code}: ${shown(said.data.error.message).replace(/\.$/, '')}`)
  const line = printed.stderr.split('\n').findLast((one) => one.trim() !== '') ?? `the process ended with ${ended}`
  throw failed(commit, shown(line.trim()).replace(/\.$/, ''))
}

/** The answer, after whatever the definitions themselves print. */
function lastJson(text: string): unknown {
  try {
    return JSON.parse(text.slice(text.lastIndexOf('\n{') + 1))
  } catch {
    return undefined
  }
}
