import { spawn } from 'node:child_process'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { sql } from 'kysely'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { folderArtifacts, openRegistry } from '../../src/index.ts'
import { openPlace, type Place } from './places.ts'
import { collect } from './registries.ts'

/** A line of `writer.ts`. */
export interface Event {
  readonly by: string
  readonly did: 'start' | 'register' | 'move' | 'lose' | 'end'
  readonly version?: number
  readonly created?: boolean
  readonly sha256?: string
  readonly bias?: number
  readonly sequence?: number
  readonly from?: number | null
  readonly to?: number | null
}

export interface Writer {
  readonly events: Event[]
  readonly started: Promise<void>
  /** After the first version it registered. */
  readonly working: Promise<void>
  /** The signal that ended it, or 0, or the exit code with what it wrote to standard error. */
  readonly ended: Promise<number | string>
  kill(): void
}

export function startWriter(
  { folder, address }: Place,
  name: string,
  seed: number,
  operations: number,
  pause = 0,
): Writer {
  const file = fileURLToPath(new URL('writer.ts', import.meta.url))
  const child = spawn(
    process.execPath,
    ['--conditions=@martlet/source', file, folder, name, String(seed), String(operations), String(pause)],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, MARTLET_TEST_DOUBLE: address } },
  )
  const events: Event[] = []
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (line) => events.push(JSON.parse(line) as Event))
  const reached = (did: Event['did']): Promise<void> =>
    new Promise((resolve) => {
      lines.on('line', () => {
        if (events.at(-1)?.did === did) resolve()
      })
      child.on('exit', () => resolve())
    })
  const [started, working] = [reached('start'), reached('register')]
  let complaint = ''
  child.stderr.on('data', (text) => {
    complaint += String(text)
  })
  const closed = new Promise<void>((resolve) => lines.on('close', resolve))
  const exited = new Promise<number | string>((resolve) =>
    child.on('close', (code, signal) => resolve(code === 0 ? 0 : (signal ?? `${code}: ${complaint.trim()}`))),
  )
  return {
    events,
    started,
    working,
    ended: Promise.all([exited, closed]).then(([result]) => result),
    kill: () => child.kill('SIGKILL'),
  }
}

/** Everything that must hold of a registry at rest, whoever wrote it and however they ended. */
export async function checkIntegrity(
  place: Place,
  events: readonly Event[],
): Promise<{ versions: number; moves: number; artifacts: number }> {
  const { db, dialect, close } = await openPlace(place)
  try {
    if (place.address === '')
      expect((await sql<{ integrity_check: string }>`pragma integrity_check`.execute(db)).rows).toEqual([
        { integrity_check: 'ok' },
      ])
    const artifacts = folderArtifacts(join(place.folder, 'artifacts'))
    const registry = await openRegistry({ db, artifacts, dialect })
    const versions = (await registry.versions({ model: 'shared' })).toReversed()
    expect(versions.map(({ version }) => version)).toEqual(versions.map((_, index) => index + 1))
    expect(new Set(versions.map(({ artifact }) => artifact.sha256)).size).toBe(versions.length)
    for (const { artifact, tags, createdBy, trial, signature } of versions) {
      expect((await artifacts.get(artifact.sha256)).length).toBe(artifact.bytes)
      expect([tags['by'], trial.replay.rows, signature.fields.length]).toEqual([createdBy, 1, 1])
    }
    const stored = await collect(artifacts.list())
    for (const sha256 of stored) await artifacts.get(sha256)

    const any = (await registry.models()).length > 0
    const { live, moves } = any ? await registry.history('shared', 'champion') : { live: null, moves: [] }
    moves.forEach((move, index) => {
      expect([move.sequence, move.from]).toEqual([index + 1, moves[index - 1]?.to ?? null])
      expect(versions.some(({ version }) => version === move.to)).toBe(true)
      expect(move.at.getTime()).toBeGreaterThanOrEqual(moves[index - 1]?.at.getTime() ?? 0)
    })
    expect((await registry.aliases()).map(({ version }) => version)).toEqual(live === null ? [] : [live])

    for (const event of events) {
      if (event.did === 'register') expect(versions[event.version! - 1]?.artifact.sha256).toBe(event.sha256)
      if (event.did === 'move')
        expect(moves[event.sequence! - 1]).toMatchObject({ actor: event.by, from: event.from, to: event.to })
    }
    const created = events
      .filter(({ did, created }) => did === 'register' && created === true)
      .map(({ version }) => version)
    expect(new Set(created).size).toBe(created.length)
    return { versions: versions.length, moves: moves.length, artifacts: stored.length }
  } finally {
    await close()
  }
}
