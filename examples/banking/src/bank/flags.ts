import { parseArgs } from 'node:util'
import { UNTIL_MICROS } from '../world-range.ts'
import type { BankOptions } from './options.ts'

/** The bank that `--seed`, `--customers`, `--days` and `--takeovers` describe. */
export function bankFlags(args: readonly string[]): BankOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string', default: '1' },
      customers: { type: 'string', default: '120' },
      days: { type: 'string', default: '100' },
      takeovers: { type: 'string' },
    },
  })
  return {
    seed: Number(values.seed),
    until: UNTIL_MICROS,
    customers: Number(values.customers),
    days: Number(values.days),
    ...(values.takeovers === undefined ? {} : { takeovers: Number(values.takeovers) }),
  }
}
