// Opens a catalog and prints its schema version.
import { openCatalog } from '../../src/catalog/catalog.ts'

await using catalog = await openCatalog({ path: process.argv[2] ?? '' })
for (const { component, version } of await catalog.db.selectFrom('schema_versions').selectAll().execute()) process.stdout.write(`${component} ${version}\n`)
