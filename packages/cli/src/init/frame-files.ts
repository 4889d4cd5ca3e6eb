const VERSION = '0.1.0'

export function packageFile(name: string): string {
  const martlet = Object.fromEntries(['@martlet/feature-store', '@martlet/registry', '@martlet/warehouse', 'martlet'].map((dependency) => [dependency, VERSION]))
  return `${JSON.stringify({ name, private: true, type: 'module', engines: { node: '>=22.18' }, dependencies: { ...martlet, 'onnxruntime-node': '^1.30.0', zod: '^4.0.0' } }, null, 2)}\n`
}

export const configFile = `import { defineConfig } from 'martlet'

export default defineConfig({
  // The four places that keep state; paths count from this file.
  warehouse: { duckdb: '.martlet/warehouse.duckdb' },
  catalog: { sqlite: '.martlet/catalog.sqlite' },
  online: { lmdb: '.martlet/online' },
  artifacts: { folder: '.martlet/artifacts' },

  definitions: () => import('./definitions.ts'),

  // 'none' answers everybody who reaches this machine's own address; for others, list keys by their SHA-256.
  serving: { port: 8080, auth: 'none', log: { folder: '.martlet/log' } },

  trainingSets: [{ name: 'next_day_training', service: 'next_day', labels: ['next_day_kwh'], spine: 'spine.sql', time: 'predict_at' }],

  monitors: [{ name: 'usage_drift', service: 'next_day', profile: 'next_day_training', window: '7d', windows: 2 }],
})
`

export const seedFile = `// Loads readings.csv into the warehouse; running it again replaces them.
import { ensureSchema, loadFile } from '@martlet/warehouse'
import { loadProject } from 'martlet'

await using project = await loadProject()
const warehouse = await project.warehouse()
await ensureSchema(warehouse, 'mart')
const { rows } = await loadFile(warehouse, {
  table: 'mart.usage',
  path: \`\${project.folder}/readings.csv\`,
  columns: { customer_id: { type: 'text' }, ts: { type: 'timestamp' }, kwh: { type: 'double' } },
  mode: 'replace',
})
console.log(\`loaded \${rows} readings into mart.usage\`)
`

export const spineFile = `-- A row for every customer and day to predict: those with four weeks of readings before them.
SELECT customer_id, date_trunc('day', ts) AS predict_at
FROM mart.usage
WHERE ts >= (SELECT min(ts) FROM mart.usage) + INTERVAL 28 DAY
GROUP BY customer_id, date_trunc('day', ts)
ORDER BY predict_at, customer_id
`

export function readmeFile(name: string): string {
  return `# ${name}

Consumption of ${20} customers: features, a model for the next day, an API, a drift report.

\`\`\`sh
npm install
node seed.ts                                # readings.csv → mart.usage
npx martlet plan                            # what would change
npx martlet apply --yes                     # definitions → catalog
npx martlet materialize                     # features, up to the last midnight (UTC)
npx martlet training-set next_day_training  # point-in-time rows, and the reference for drift
node train.ts                               # model.onnx, golden.json, metrics.json
npx martlet models register next_day_kwh --onnx model.onnx --service next_day --golden golden.json --metrics metrics.json --training-set next_day_training
npx martlet models promote next_day_kwh 1 --reason "the first one"
npx martlet serve                           # http://127.0.0.1:8080/docs
npx martlet drift usage_drift               # reports/usage_drift.html
\`\`\`

With the server running:

\`\`\`sh
curl -s localhost:8080/v1/features/customer_card -H 'content-type: application/json' -d '{"keys":[{"customer_id":"c01"}]}'
curl -s localhost:8080/v1/models/next_day_kwh/predict -H 'content-type: application/json' -d '{"keys":[{"customer_id":"c01"}]}'
\`\`\`

| file | what |
| --- | --- |
| \`martlet.config.ts\` | where state is kept, what is served, watched and trained on |
| \`definitions.ts\` | the table, the features, the services, the label |
| \`seed.ts\`, \`readings.csv\` | data to begin with; your own tables take their place |
| \`spine.sql\` | the rows of keys and times to train on |
| \`train.ts\` | a straight line through two features, written as ONNX; your trainer takes its place |

\`npx martlet doctor\` says what is wrong when something is.
`
}
