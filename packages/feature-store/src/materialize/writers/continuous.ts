import { MartletError } from '@martlet/warehouse'
import { FIRST_INSTANT } from '../../catalog/instant.ts'
import type { ViewWork } from '../work.ts'
import { publishBases } from './publish-bases.ts'
import type { RowWriter } from './row-writer.ts'

/** The writer of a continuous view, which has no rows at feature times: bases are published, every time. */
export const continuous: RowWriter = {
  ownTable: false,
  likelyAfter: FIRST_INSTANT,
  closedBefore: (_, now) => now + 1n,
  firstTime: (_, oldest) => oldest,
  decide: async (): Promise<ViewWork> => ({
    action: 'publish',
    reason: 'it is continuous: the base of every entity is made from the facts that the warehouse has now',
  }),
  latestRows: (_, { name }) => {
    throw new MartletError('INVALID_DEFINITION', `${name} is continuous and has no rows at feature times.`)
  },
  publish: (run, { online, now, signal, sources }) => publishBases(run, { online, now, signal, sources }),
}
