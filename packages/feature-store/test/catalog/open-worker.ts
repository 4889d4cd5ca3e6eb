// Opens a catalog and prints its schema version.
import { openCatalogAt } from './scratch.ts'

await using catalog = await openCatalogAt(process.argv[2] ?? '')
for (const { component, version } of await catalog.db.selectFrom('schema_versions').selectAll().execute())
  process.stdout.write(`${component} ${version}\n`)
