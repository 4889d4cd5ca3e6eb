import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testEngine } from '../../../warehouse/test/support/engine.ts'
import { newSnowflakePlace, openSnowflakeAt } from '../../../warehouse/test/support/snowflake-place.ts'
import { openCatalog, type Catalog } from '../../src/catalog/catalog.ts'

/** Opens the catalog at a place as a worker is told it: the path of a SQLite file, or an address of Snowflake. */
export async function openCatalogAt(place: string): Promise<Catalog> {
  if (testEngine === 'duckdb') return openCatalog({ path: place })
  const warehouse = await openSnowflakeAt(place)
  const catalog = await openCatalog({ warehouse })
  const close = async (): Promise<void> => {
    await catalog.close()
    await warehouse.close()
  }
  return { db: catalog.db, close, [Symbol.asyncDispose]: close }
}

/** Runs with a catalog of its own on the engine under test, which is taken away afterwards. */
export async function withCatalog(work: (catalog: Catalog, place: string) => Promise<void>): Promise<void> {
  await withPlace(async (place) => {
    await using catalog = await openCatalogAt(place)
    await work(catalog, place)
  })
}

/** Runs with a place where no catalog is yet. */
export async function withPlace(work: (place: string) => Promise<void>): Promise<void> {
  if (testEngine !== 'duckdb') {
    const { address, end } = await newSnowflakePlace()
    try {
      return await work(address)
    } finally {
      await end()
    }
  }
  const folder = await mkdtemp(join(tmpdir(), 'martlet-'))
  try {
    await work(join(folder, 'catalog.db'))
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Starts a worker of this folder; resolves when it has ended, with what it printed. */
export async function runWorker(
  worker: string,
  ...parameters: readonly string[]
): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawn(
    process.execPath,
    ['--conditions=@martlet/source', new URL(worker, import.meta.url).pathname, ...parameters],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let output = ''
  child.stdout.on('data', (text) => {
    output += String(text)
  })
  child.stderr.on('data', (text) => {
    output += String(text)
  })
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { code, output: output.trim() }
}

export async function failure(work: Promise<unknown>): Promise<{ readonly code: unknown; readonly message: string }> {
  return work.then(
    () => ({ code: 'no error', message: '' }),
    (error: unknown) => ({
      code: error instanceof Error && 'code' in error ? error.code : error,
      message: error instanceof Error ? error.message : String(error),
    }),
  )
}
