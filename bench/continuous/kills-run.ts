import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  buildTrainingSet,
  drain,
  materialize,
  openCatalog,
  openLmdbStore,
  openOnlineReader,
  vectorFields,
} from '@martlet/feature-store'
import { columnBatch, openDuckDb, rowsOf, sql } from '@martlet/warehouse'
import { paymentMaker } from '../../packages/feature-store/test/continuous/made-events.ts'
import { fraud, payments, tempo, velocity } from '../../packages/feature-store/test/continuous/payments.ts'
import { seeded } from '../../packages/feature-store/test/continuous/seeded.ts'
import { cellOf, comparable } from '../../packages/feature-store/test/continuous/parity-run.ts'
import { disagreement } from '../../packages/feature-store/test/oracle/exact/agree.ts'

export interface KillsResult {
  readonly kills: Readonly<Record<'server' | 'pusher' | 'drain', number>>
  /** Valid events that were acknowledged. */
  readonly acknowledged: number
  /** Of these, how many are not exactly once in the fact. */
  readonly lost: number
  readonly twice: number
  /** Values that were compared between what is served and what the facts say, and how many differ. */
  readonly values: number
  readonly differences: readonly string[]
}

/**
 * Pushes payments over HTTP while the server, the request of the pusher, and the process that drains, folds and materializes
 * are killed at random; afterwards counts every acknowledged event, and compares what is served with the facts.
 */
export async function killsRun(options: {
  readonly folder: string
  readonly kills: number
  readonly seed: number
}): Promise<KillsResult> {
  const { folder, seed } = options
  const random = seeded(seed)
  const maker = paymentMaker(random, 20)
  const kills = { server: 0, pusher: 0, drain: 0 }
  const acknowledged = new Set<string>()
  let server = await startServer(folder)
  let drainer = await start('drain-loop.ts', folder)
  /** Events that may have been taken or not: they are pushed again. */
  let unsure: readonly Uint8Array[] = []
  for (let kill = 0; kill < options.kills; kill++) {
    const victim = random.pick(['server', 'pusher', 'drain'] as const)
    const giveUp = new AbortController()
    const killer = sleep(20 + random.below(500)).then(async () => {
      if (victim === 'server') server.child.kill('SIGKILL')
      if (victim === 'drain') drainer.kill('SIGKILL')
      if (victim === 'pusher') giveUp.abort()
      return undefined
    })
    let done = false
    void killer.then(() => (done = true))
    while (!done) {
      const bodies = [...unsure, ...maker.batch(BigInt(Date.now()) * 1000n)]
      unsure = bodies
      const answer = await push(server.port, bodies, giveUp.signal)
      if (answer === undefined) break
      const rejected = new Set(answer)
      for (const [index, body] of bodies.entries()) if (!rejected.has(index)) acknowledged.add(idOf(body))
      unsure = []
    }
    await killer
    kills[victim]++
    if (victim === 'server') server = await startServer(folder)
    if (victim === 'drain') drainer = await start('drain-loop.ts', folder)
  }
  await ended(server.child)
  await ended(drainer)
  return { kills, acknowledged: acknowledged.size, ...(await verify(folder, maker.accounts, acknowledged)) }
}

/** Counts the facts, and compares what is served before and after a last materialization with what they say. */
async function verify(
  folder: string,
  accounts: readonly string[],
  acknowledged: ReadonlySet<string>,
): Promise<Pick<KillsResult, 'lost' | 'twice' | 'values' | 'differences'>> {
  await using online = openLmdbStore({ path: join(folder, 'online') })
  await using catalog = await openCatalog({ path: join(folder, 'catalog.db') })
  await using warehouse = await openDuckDb({ path: join(folder, 'warehouse.duckdb') })
  const { events } = online
  if (events === undefined) throw new Error('the store takes no events')
  const keys = accounts.map((account_id) => ({ account_id }))
  const fields = vectorFields(fraud.plan)
  const served: { readonly now: bigint; readonly rows: readonly (readonly unknown[])[] }[] = []
  const differences: string[] = []
  const read = async (): Promise<void> => {
    const now = BigInt(Date.now() + 1) * 1000n
    const reader = openOnlineReader({ service: fraud.plan, store: online, sources: [payments.plan] })
    const vectors = await reader.read(keys, { now })
    served.push({ now, rows: keys.map((_, row) => fields.map((__, field) => comparable(vectors.value(row, field)))) })
  }
  await read()
  await drain({ warehouse, source: payments.plan, events })
  await read()
  const views = [velocity.plan, tempo.plan]
  await materialize({ warehouse, catalog, online, views, sources: [payments], quality: false })
  await read()
  for (const { now, rows } of served) {
    const spine = columnBatch({
      account_id: { type: 'text', values: [...accounts] },
      t: { type: 'timestamp', values: accounts.map(() => now) },
    })
    const set = await buildTrainingSet({
      warehouse,
      service: fraud,
      spine: { rows: spine },
      time: 't',
      into: 'training.kills',
    })
    const { names, columns } = await set.read()
    for (const [field, { name }] of fields.entries()) {
      const column = columns[names.indexOf(name)]
      if (column === undefined) throw new Error(`the training set has no column ${name}`)
      for (const [row, values] of rows.entries()) {
        const value = values[field]
        const actual =
          typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean' ? value : null
        const problem = disagreement(actual, comparable(cellOf(column, row)))
        if (problem !== undefined) differences.push(`${accounts[row]} at ${now}: ${name} is ${problem}`)
      }
    }
  }
  const stored = rowsOf(
    await warehouse.read(sql`SELECT payment_id, COUNT(*) AS n FROM mart.payments GROUP BY payment_id`),
  )
  const counts = new Map(stored.map((row) => [String(row['payment_id']), Number(row['n'])]))
  const lost = [...acknowledged].filter((id) => !counts.has(id)).length
  const twice = [...counts.values()].filter((count) => count > 1).length
  return { lost, twice, values: served.length * accounts.length * fields.length, differences }
}

async function push(
  port: number,
  bodies: readonly Uint8Array[],
  signal: AbortSignal,
): Promise<readonly number[] | undefined> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/v1/push/payments`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: Buffer.concat(bodies.flatMap((body) => [body, Buffer.from('\n')])),
      signal,
    })
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
    const answer = (await response.json()) as { readonly rejected: readonly { readonly index: number }[] }
    return answer.rejected.map(({ index }) => index)
  } catch (error) {
    // Killed on the way: nobody knows whether the events were taken.
    if (error instanceof TypeError || signal.aborted) return undefined
    throw error
  }
}

function idOf(body: Uint8Array): string {
  const event = JSON.parse(Buffer.from(body).toString()) as { readonly payment_id: string }
  return event.payment_id
}

async function startServer(folder: string): Promise<{ readonly child: ChildProcess; readonly port: number }> {
  const child = launch('server.ts', folder)
  return { child, port: Number(await firstLine(child)) }
}

async function start(script: string, folder: string): Promise<ChildProcess> {
  const child = launch(script, folder)
  await firstLine(child)
  return child
}

function launch(script: string, folder: string): ChildProcess {
  const args = ['--conditions=@martlet/source', join(import.meta.dirname, script), folder]
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('the process has no output')
  for await (const line of createInterface({ input: child.stdout })) return line
  throw new Error('the process ended before it was ready')
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}
