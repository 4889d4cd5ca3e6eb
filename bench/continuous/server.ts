// A server that takes payments and serves the continuous views of them: `server.ts <folder>` prints its port.
import { join } from 'node:path'
import process from 'node:process'
import { openLmdbStore } from '@martlet/feature-store'
import { fixedCatalog, listen, serving } from '@martlet/serving'
import { fraud, payments } from '../../packages/feature-store/test/continuous/payments.ts'

const [folder = '.'] = process.argv.slice(2)
const app = serving({
  catalog: fixedCatalog({ services: [fraud.plan] }),
  online: openLmdbStore({ path: join(folder, 'online') }),
  sources: [payments],
  auth: 'none',
})
const { port } = await listen(app, { port: 0 })
console.log(port)
