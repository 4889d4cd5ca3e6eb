/** Martlet's side: the models of the fixture, with its defaults. */
import { listen, serving } from '@martlet/serving'
import { openFilled } from '../predict/fixture.ts'

const [folder = '', port = '0'] = process.argv.slice(2)
const { catalog, online, registry } = await openFilled(folder)
await listen(serving({ catalog, online, registry, auth: 'none' }), { port: Number(port) })
