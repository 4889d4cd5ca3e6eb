// Plans and applies some definitions, and prints what it did.
import { applyDefinitions } from '../../src/catalog/apply.ts'
import { planDefinitions } from '../../src/catalog/plan-definitions.ts'
import { definitions } from './definitions.ts'
import { openCatalogAt } from './scratch.ts'

const [place = '', actor = ''] = process.argv.slice(2)
await using catalog = await openCatalogAt(place)
const { applied } = await applyDefinitions(catalog, await planDefinitions(catalog, definitions), { actor })
process.stdout.write(`${applied.length}\n`)
