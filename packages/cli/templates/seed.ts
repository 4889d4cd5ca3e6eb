// Loads readings.csv into the warehouse; running it again replaces them.
import { ensureSchema, loadFile } from '@martlet/warehouse'
import { loadProject } from 'martlet'

await using project = await loadProject()
const warehouse = await project.warehouse()
await ensureSchema(warehouse, 'mart')
const { rows } = await loadFile(warehouse, {
  table: 'mart.usage',
  path: `${project.folder}/readings.csv`,
  columns: { customer_id: { type: 'text' }, ts: { type: 'timestamp' }, kwh: { type: 'double' } },
  mode: 'replace',
})
console.log(`loaded ${rows} readings into mart.usage`)
