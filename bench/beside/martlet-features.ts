/** Martlet's side: features of the fixture from LMDB, every entity asked for once before. */
import { fixedCatalog, listen, serving } from '@martlet/serving'
import { entities, openFilledStore, services } from '../http/fixture.ts'

const [folder = '', port = '0'] = process.argv.slice(2)
const app = serving({
  catalog: fixedCatalog({ services: Object.values(services) }),
  online: await openFilledStore(folder),
  auth: 'none',
})
await app.start()
for (let from = 0; from < entities; from += 100) {
  const ids = Array.from({ length: 100 }, (_, row) => `customer-${String(from + row).padStart(6, '0')}`)
  const answer = await app.request('/get-online-features', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ feature_service: 'small', full_feature_names: true, entities: { customer_id: ids } }),
  })
  if (!answer.ok) throw new Error(await answer.text())
  await answer.arrayBuffer()
}
await listen(app, { port: Number(port) })
