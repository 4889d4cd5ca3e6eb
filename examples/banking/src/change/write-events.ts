import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { KEYS, type TableName } from '../bank/rows.ts'
import type { Delivered } from './deliver.ts'

/** Records of a file. */
const SEGMENT = 5000

/** A record as a log keeps it: key and value in one line. */
export function recordText({ key, value }: Pick<Delivered, 'key' | 'value'>): string {
  return `{"key":${key},"value":${value ?? 'null'}}`
}

/** Writes records as JSON lines, in the order in which they arrived: `<folder>/<table>/00001.jsonl` has the first 5000 of a table. */
export async function writeEvents(
  folder: string,
  messages: readonly Delivered[],
): Promise<Readonly<Record<TableName, number>>> {
  const counts = { customers: 0, accounts: 0, transactions: 0, fraud_reports: 0 }
  for (const table of Object.keys(KEYS) as TableName[]) {
    const lines = messages.filter((message) => message.table === table).map(recordText)
    counts[table] = lines.length
    await mkdir(join(folder, table), { recursive: true })
    for (let from = 0; from < lines.length; from += SEGMENT) {
      const file = `${String(1 + from / SEGMENT).padStart(5, '0')}.jsonl`
      await writeFile(join(folder, table, file), `${lines.slice(from, from + SEGMENT).join('\n')}\n`)
    }
  }
  return counts
}
