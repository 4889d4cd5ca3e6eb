import { globSync } from 'node:fs'
import { sep } from 'node:path'
import { sha256OfLines } from './log-lines.ts'

/** The name of a file in the ledger: compressed or not, it is the same one. */
export function nameOf(path: string): string {
  return path.split(sep).join('/').replace(/\.gz$/, '')
}

/** The finished files below a folder; of a file that is there twice, compressed and not, the one that is not. */
export function finishedFiles(folder: string): readonly string[] {
  const found = globSync('**/*.{jsonl,jsonl.gz}', { cwd: folder }).toSorted()
  const plain = new Set(found)
  return found.filter((file) => !file.endsWith('.gz') || !plain.has(file.slice(0, -3)))
}

/** Of files with the same lines, compressed or not, the first; the order stays. */
export async function withoutCopies(files: readonly string[]): Promise<readonly string[]> {
  if (files.length < 2) return files
  const seen = new Set<string>()
  const kept: string[] = []
  for (const file of files) {
    const lines = await linesOf(file)
    if (lines !== undefined && seen.has(lines)) continue
    if (lines !== undefined) seen.add(lines)
    kept.push(file)
  }
  return kept
}

/** Undefined of a file that cannot be read to its end: whoever reads it says why. */
async function linesOf(file: string): Promise<string | undefined> {
  try {
    return await sha256OfLines(file)
  } catch {
    return undefined
  }
}
