import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openCatalog, type Catalog } from '../../src/catalog/catalog.ts'

/** Runs with a catalog in a folder of its own, which is removed afterwards. */
export async function withCatalog(work: (catalog: Catalog, path: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'martlet-'))
  try {
    const path = join(folder, 'catalog.db')
    await using catalog = await openCatalog({ path })
    await work(catalog, path)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Starts a worker of this folder; resolves when it has ended, with what it printed. */
export async function runWorker(worker: string, ...parameters: readonly string[]): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawn(process.execPath, ['--conditions=@martlet/source', new URL(worker, import.meta.url).pathname, ...parameters], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  child.stdout.on('data', (text) => { output += String(text) })
  child.stderr.on('data', (text) => { output += String(text) })
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { code, output: output.trim() }
}

export async function failure(work: Promise<unknown>): Promise<{ readonly code: unknown; readonly message: string }> {
  return work.then(
    () => ({ code: 'no error', message: '' }),
    (error: unknown) => ({ code: error instanceof Error && 'code' in error ? error.code : error, message: error instanceof Error ? error.message : String(error) }),
  )
}
