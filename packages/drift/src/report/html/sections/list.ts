import type { Section } from '../page.ts'
import { actions } from './actions.ts'
import { causes } from './causes.ts'
import { columnDetails } from './column-details.ts'
import { columnTable } from './column-table.ts'
import { dataFaults } from './data-faults.ts'
import { estimates } from './estimates.ts'
import { footer } from './footer.ts'
import { parity } from './parity.ts'
import { performance } from './performance.ts'
import { seriesSection } from './series.ts'
import { timeline } from './timeline.ts'
import { verdict } from './verdict.ts'

/** The report from top to bottom: what a person needs in a minute, then the evidence. */
export const sections: readonly Section[] = [
  verdict,
  causes,
  actions,
  dataFaults,
  parity,
  performance,
  estimates,
  seriesSection,
  timeline,
  columnTable,
  columnDetails,
  footer,
]
