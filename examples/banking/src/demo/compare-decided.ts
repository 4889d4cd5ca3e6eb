import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildTrainingSet, vectorFields } from '@martlet/feature-store'
import { columnBatch, rowsOf, type Warehouse } from '@martlet/warehouse'
import { z } from 'zod'
import { paymentFraud } from '../../definitions/index.ts'
import type { Asked } from './http.ts'

const line = z.object({
  keys: z.object({ account_id: z.string(), counterparty: z.string() }),
  values: z.record(z.string(), z.unknown()),
  times: z.object({ velocity: z.object({ closedAt: z.iso.datetime() }) }),
})

/** A decision as the server has logged it. */
export type LoggedDecision = z.infer<typeof line>

/** The rows of a prediction log, in the order in which they were written. */
export async function readLog(folder: string): Promise<readonly LoggedDecision[]> {
  const rows: LoggedDecision[] = []
  const files = await readdir(folder, { recursive: true, withFileTypes: true })
  const named = files.filter((file) => file.isFile() && file.name.includes('.jsonl'))
  for (const { parentPath, name } of named.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const text = await readFile(join(parentPath, name), 'utf8')
    for (const one of text.split('\n')) if (one !== '') rows.push(line.parse(JSON.parse(one)))
  }
  return rows
}

export interface Compared {
  readonly rows: number
  readonly values: number
  /** Doubles that differ in their last digits: both sides add up in an order of their own. */
  readonly rounded: number
  /** What was served and is not what a training set says for the same instant. */
  readonly different: readonly string[]
}

/**
 * Every value that a decision was made by, against the row of a training set for the same payment and the instant that closed the
 * windows: what the warehouse says that should have been served then.
 *
 * @throws Error when the log has not one row for each decision
 */
export async function compareDecided(
  warehouse: Warehouse,
  asked: readonly Asked[],
  logged: readonly LoggedDecision[],
): Promise<Compared> {
  if (asked.length !== logged.length) throw new Error(`${asked.length} decisions, and ${logged.length} rows in the log`)
  const spine = columnBatch({
    account_id: { type: 'text', values: logged.map(({ keys }) => keys.account_id) },
    counterparty: { type: 'text', values: logged.map(({ keys }) => keys.counterparty) },
    at: { type: 'timestamp', values: logged.map(({ times }) => micros(times.velocity.closedAt)) },
    amount: { type: 'double', values: asked.map(({ amount }) => amount) },
    channel: { type: 'text', values: asked.map(({ channel }) => channel) },
    country: { type: 'text', values: asked.map(({ country }) => country) },
  })
  const set = await buildTrainingSet({ warehouse, service: paymentFraud, spine: { rows: spine }, time: 'at' })
  const offline = rowsOf(await set.read())
  const fields = vectorFields(paymentFraud.plan)
  const different: string[] = []
  let rounded = 0
  for (const [row, { keys, values }] of logged.entries())
    for (const { name, type } of fields) {
      const [online, computed] = [values[name] ?? null, offline[row]?.[name] ?? null]
      if (textOf(online) === textOf(computed)) continue
      if (type === 'double' && isRounded(Number(online), Number(computed))) rounded += 1
      else
        different.push(`${name} of ${keys.account_id}: ${textOf(online)} was served, ${textOf(computed)} is computed`)
    }
  return { rows: logged.length, values: logged.length * fields.length, rounded, different }
}

/** Microseconds of an ISO text with up to six digits behind its seconds. */
function micros(iso: string): bigint {
  const [seconds = '', digits = ''] = iso.replace('Z', '').split('.')
  return BigInt(Date.parse(`${seconds}Z`)) * 1000n + BigInt(digits.padEnd(6, '0').slice(0, 6))
}

/** As near as the library promises of doubles: a billionth. Whole numbers and amounts are exact. */
function isRounded(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a))
}

/** Decimals are numbers here and texts there. */
function textOf(value: unknown): string {
  return typeof value === 'string' && value !== '' && Number.isFinite(Number(value))
    ? String(Number(value))
    : String(value)
}
