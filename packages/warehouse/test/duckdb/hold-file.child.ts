import { openDuckDb } from '@martlet/warehouse'

await openDuckDb({ path: process.argv[2]! })
console.log('ready')
setInterval(() => undefined, 1000)
