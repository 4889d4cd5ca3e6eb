import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TableName } from '../bank/rows.ts'
import type { Delivered } from './deliver.ts'

const DAY = 86_400_000_000

/** A record as a log keeps it: key and value in one line. */
export function recordText({ key, value }: Pick<Delivered, 'key' | 'value'>): string {
  return `{"key":${key},"value":${value ?? 'null'}}`
}

/** Writes records as JSON lines, a file for each table and day on which they arrived: `<folder>/<table>/2026-05-01.jsonl`. */
export async function writeEvents(
  folder: string,
  messages: readonly Delivered[],
): Promise<Readonly<Record<TableName, number>>> {
  const files = new Map<string, string[]>()
  const counts = { customers: 0, accounts: 0, transactions: 0, fraud_reports: 0 }
  for (const message of messages) {
    const day = new Date((Math.floor(message.arrives / DAY) * DAY) / 1000).toISOString().slice(0, 10)
    const file = join(message.table, `${day}.jsonl`)
    const lines = files.get(file)
    if (lines === undefined) files.set(file, [recordText(message)])
    else lines.push(recordText(message))
    counts[message.table] += 1
  }
  for (const table of Object.keys(counts)) await mkdir(join(folder, table), { recursive: true })
  for (const [file, lines] of files) await writeFile(join(folder, file), `${lines.join('\n')}\n`)
  return counts
}
