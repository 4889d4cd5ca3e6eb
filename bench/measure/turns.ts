import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { measure, type Measurement } from './child.ts'

export interface Turns {
  /** `import.meta.filename` */
  readonly script: string
  readonly sides: readonly string[]
  /** The data, for all sides. */
  readonly folder: string
  readonly rounds: number
  /** Each run gets a copy of the folder, for sides that change it. @default false */
  readonly copies?: boolean
  /** Called with the folder that a side has left behind, before a copy is removed. */
  readonly after?: (side: string, folder: string) => Promise<void>
  /** Whether a round that does not count comes first, to bring files into memory. @default with more than one round */
  readonly warmUp?: boolean
}

/** What every round measured, by side. */
export type Measured = ReadonlyMap<string, readonly Measurement[]>

/** Lets the sides take turns, each in a process of its own; the first of one round is the last of the next. */
export async function takeTurns(turns: Turns): Promise<Measured> {
  const measured = new Map<string, Measurement[]>(turns.sides.map((side) => [side, []]))
  for (let round = (turns.warmUp ?? turns.rounds > 1) ? 0 : 1; round <= turns.rounds; round++) {
    for (const side of round % 2 === 0 ? turns.sides : turns.sides.toReversed()) {
      const result = await oneTurn(turns, side)
      if (round > 0) measured.get(side)?.push(result)
    }
  }
  return measured
}

async function oneTurn({ script, folder, copies = false, after }: Turns, side: string): Promise<Measurement> {
  const own = copies ? await mkdtemp(join(tmpdir(), 'martlet-bench-')) : folder
  try {
    if (copies) await cp(folder, own, { recursive: true })
    const result = await measure(script, side, own)
    await after?.(side, own)
    return result
  } finally {
    if (copies) await rm(own, { recursive: true })
  }
}

/** Runs `work` with a new folder, and removes it. Set `TMPDIR` where the disk of `/tmp` is small. */
export async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'martlet-bench-'))
  try {
    await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** A size or a number of rounds from the environment. */
export function setting(name: string, otherwise: number): number {
  const given = process.env[name]
  const value = given === undefined ? otherwise : Number(given)
  if (!Number.isFinite(value) || value <= 0) throw new Error(`${name}=${given} is not a positive number.`)
  return value
}
