import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { drain, openIntake, type AnyIngestSource, type EventStore } from '@martlet/feature-store'
import type { Warehouse } from '@martlet/warehouse'

export interface IngestedFiles {
  readonly source: string
  readonly records: number
  /** Records that had been taken before. */
  readonly repeated: number
  readonly rejected: number
}

const RECORDS_A_TURN = 5000

/** Takes the records of a folder of JSON lines, in the order of its files, and brings them into the warehouse. */
export async function ingestFiles(
  warehouse: Warehouse,
  events: EventStore,
  source: AnyIngestSource,
  folder: string,
): Promise<IngestedFiles> {
  const intake = openIntake(source.plan, events)
  let [records, repeated, rejected] = [0, 0, 0]
  const take = async (lines: readonly string[], file: string): Promise<void> => {
    const bodies = lines.map((line) => ({ body: Buffer.from(line) }))
    const arrived = BigInt(Date.now()) * 1000n
    const taken = await intake.append(intake.read(bodies, { arrived, origin: () => file }))
    records += lines.length
    repeated += taken.repeated
    rejected += taken.rejected.length
  }
  for (const file of (await readdir(folder)).toSorted()) {
    const lines = (await readFile(join(folder, file), 'utf8')).split('\n').filter((line) => line !== '')
    for (let from = 0; from < lines.length; from += RECORDS_A_TURN)
      await take(lines.slice(from, from + RECORDS_A_TURN), `${source.name}/${file}`)
  }
  await drain({ warehouse, source: source.plan, events })
  return { source: source.name, records, repeated, rejected }
}
