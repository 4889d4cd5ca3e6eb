/** Applies two sets of definitions in turns until it is killed. Prints a dot after each. */
import { join } from 'node:path'
import { applyDefinitions, featureService, openCatalog, planDefinitions } from '@martlet/feature-store'
import { customerProfile, customerUsage, meterVolts, metered, nextDay, usageOnly } from '../../support/energy.ts'

const [folder = ''] = process.argv.slice(2)
const catalog = await openCatalog({ path: join(folder, 'catalog.sqlite') })
const views = [customerUsage, customerProfile, meterVolts, metered, usageOnly]
/** Each service in one set is as the other one in the other set. */
const sets = [
  [nextDay, featureService('profile', [customerProfile])],
  [featureService('next_day', [customerProfile]), featureService('profile', [customerUsage, customerProfile])],
]
for (let turn = 1; ; turn++) {
  await applyDefinitions(catalog, await planDefinitions(catalog, [...views, ...(sets[turn % 2] ?? [])]))
  process.stdout.write('.')
}
