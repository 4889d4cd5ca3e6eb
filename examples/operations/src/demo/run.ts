// The whole platform, from an empty folder to reports, a model that is served, and a worker that is killed:
//   npm run demo -w examples/operations
import process from 'node:process'
import { walkThrough } from './walk-through.ts'

process.exitCode = await walkThrough()
