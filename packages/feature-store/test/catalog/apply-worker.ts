// Plans and applies some definitions, and prints what it did.
import { applyDefinitions } from '../../src/catalog/apply.ts'
import { openCatalog } from '../../src/catalog/catalog.ts'
import { planDefinitions } from '../../src/catalog/plan-definitions.ts'
import { definitions } from './definitions.ts'

const [path = '', actor = ''] = process.argv.slice(2)
await using catalog = await openCatalog({ path })
const { applied } = await applyDefinitions(catalog, await planDefinitions(catalog, definitions), { actor })
process.stdout.write(`${applied.length}\n`)
