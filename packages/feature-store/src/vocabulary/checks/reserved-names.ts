/** The checks of whole rows that tables have without declaring any: options name both kinds as `table.check`. */
export const reservedCheckNames = [
  'missing',
  'duplicates',
  'interval',
  'overlaps',
  'freshness',
  'volume',
  'gaps',
  'silent',
  'changed',
] as const

export type ReservedCheckName = (typeof reservedCheckNames)[number]
