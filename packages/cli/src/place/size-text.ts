import { existsSync, statSync } from 'node:fs'
import { bytesWords } from '../terminal/words.ts'

/** `, 12 kB` after the name of a file; nothing while there is none. */
export function sizeText(path: string): string {
  return existsSync(path) ? `, ${bytesWords(statSync(path).size)}` : ''
}
