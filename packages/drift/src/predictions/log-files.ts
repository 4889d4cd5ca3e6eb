import { globSync } from 'node:fs'
import { sep } from 'node:path'

/** The name of a file in the ledger: compressed or not, it is the same one. */
export function nameOf(path: string): string {
  return path.split(sep).join('/').replace(/\.gz$/, '')
}

/** The finished files below a folder; of a file that is there twice, compressed and not, the one that is not. */
export function filesIn(folder: string): readonly string[] {
  const found = globSync('**/*.{jsonl,jsonl.gz}', { cwd: folder }).toSorted()
  const plain = new Set(found)
  return found.filter((file) => !file.endsWith('.gz') || !plain.has(file.slice(0, -3)))
}
