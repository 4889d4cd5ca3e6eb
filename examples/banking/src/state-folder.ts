import { join, resolve } from 'node:path'
import process from 'node:process'

const example = join(import.meta.dirname, '..')

/** Where the example keeps everything: `.martlet` in its folder, or `BANKING_STATE` for trials that must not touch it. */
export const STATE: string = resolve(example, process.env['BANKING_STATE'] ?? '.martlet')
