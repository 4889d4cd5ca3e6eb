import process from 'node:process'
import { whyNoBroker } from './broker/jars.ts'

/** Why tests do not run on a real broker, or undefined when they do. */
export const withoutBroker: string | undefined =
  process.env['MARTLET_KAFKA_TESTS'] === '1' ? whyNoBroker() : 'MARTLET_KAFKA_TESTS is not 1'

/** What the name of a suite ends with: the reason why it is skipped. */
export const onBroker: string = withoutBroker === undefined ? '' : ` (skipped: ${withoutBroker})`
