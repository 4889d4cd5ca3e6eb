import { join, resolve } from 'node:path'
import process from 'node:process'

const example = join(import.meta.dirname, '..')

/** Where the example keeps everything: `.martlet` in its folder, or `METERS_STATE` for trials that must not touch it. */
export const STATE: string = resolve(example, process.env['METERS_STATE'] ?? '.martlet')

/** Where files arrive. */
export const LANDING: string = join(STATE, 'landing')
