// A training set with columns of every type as files, and its rows as text, for read_export.py to read back.
import { copyFile, mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { seededProject } from '../run-martlet.ts'

const [given = '.tmp/export'] = process.argv.slice(2)
const folder = resolve(given)
await mkdir(folder, { recursive: true })

await using project = await seededProject()
await project.write(
  'wide.sql',
  `SELECT 'c' || (1 + i % 3) AS customer_id,
    (SELECT max(ts) FROM mart.usage) - to_days(CAST(1 + i % 30 AS INTEGER)) - to_microseconds(i) AS at,
    CASE WHEN i % 7 <> 0 THEN i % 2 = 0 END AS flag,
    CASE WHEN i % 5 <> 0 THEN CAST(i - 300 AS INTEGER) END AS whole,
    CASE WHEN i % 11 <> 0 THEN 9223372036854775807 - i END AS large,
    CASE WHEN i % 13 <> 0 THEN i / 7 END AS share,
    CASE WHEN i % 3 <> 0 THEN CAST(i || '1234567890123456789.0123456789' AS DECIMAL(38, 10)) END AS exact,
    CASE i % 6 WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN 'a, "b"' WHEN 3 THEN E'two\\nlines' ELSE 'größe ' || i END AS words,
    DATE '1969-12-01' + CAST(i AS INTEGER) AS day
  FROM range(700) r(i)`,
)
const spine = ['--spine', 'wide.sql', '--time', 'at', '--label', 'next_day_kwh', '--into', 'training.wide']
const files = ['--no-profile', '--parquet', 'wide.parquet', '--csv', 'wide.csv']
await project.json(0, 'training-set', 'next_day', ...spine, ...files)
// What the warehouse holds, as text that says every digit.
await project.write(
  'expected.ts',
  `import { writeFileSync } from 'node:fs'
import { rowsOf, sql } from '@martlet/warehouse'
import { loadProject } from 'martlet'

await using project = await loadProject()
const warehouse = await project.warehouse()
const columns = (await warehouse.introspect('training.wide')).map(({ name, type }) =>
  type === 'timestamp'
    ? sql\`epoch_us(\${sql.id(name)})::VARCHAR AS \${sql.id(name)}\`
    : sql\`\${sql.id(name)}::VARCHAR AS \${sql.id(name)}\`)
const rows = rowsOf(await warehouse.read(sql\`SELECT \${sql.join(columns)} FROM training.wide t ORDER BY t.spine_row\`))
writeFileSync('wide.expected.json', JSON.stringify(rows))
`,
)
const written = await project.node('expected.ts')
if (written.code !== 0) throw new Error(written.stderr)
for (const file of ['wide.parquet', 'wide.csv', 'wide.parquet.json', 'wide.csv.json', 'wide.expected.json'])
  await copyFile(project.path(file), join(folder, file))
