// Holds the write lock of a SQLite file, says so, and releases it after a while.
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { workerData } from 'node:worker_threads'
import Database from 'better-sqlite3'

const { path, ms }: { readonly path: string; readonly ms: number } = workerData
const database = new Database(path)
database.exec('begin immediate')
process.stdout.write('locked')
await sleep(ms)
database.exec('rollback')
database.close()
