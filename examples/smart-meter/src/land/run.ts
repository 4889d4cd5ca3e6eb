// Lands files that have arrived in raw: npm run land -w examples/smart-meter
import { join } from 'node:path'
import { loadProject } from 'martlet'
import { LANDING } from '../state-folder.ts'
import { landFiles } from './land-files.ts'

await using project = await loadProject(join(import.meta.dirname, '../../martlet.config.ts'))
const { files, rows } = await landFiles(await project.warehouse(), LANDING)
console.log(files === 0 ? 'nothing new has arrived' : `${files.toLocaleString('en')} files landed, rows in raw:`)
for (const [table, count] of Object.entries(rows)) console.log(`  ${table.padEnd(20)} ${count.toLocaleString('en')}`)
