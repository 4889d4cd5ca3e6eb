import { MartletError } from '@martlet/warehouse'
import type { IngestPlan } from '../plan/ingest-plan.ts'
import type { EventReader } from './event-reader.ts'
import { formatOf } from './formats/list.ts'

/**
 * Compiles the reading of a source's events: what is valid as typed values, what is not with every reason.
 * @throws MartletError INVALID_DEFINITION when the plan has a format that nobody knows
 *
 * @example eventReader(payments.plan).read({ body: Buffer.from('{"payment_id": "p1"}') }, 1_700_000_000_000_000n)
 */
export function eventReader(plan: IngestPlan): EventReader {
  const format = formatOf(plan)
  if (format !== undefined) return format.reader(plan)
  throw new MartletError('INVALID_DEFINITION', `Source ${plan.name} has an unknown format, ${plan.format.kind}.`, {
    data: { source: plan.name },
  })
}
