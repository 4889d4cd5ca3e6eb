/** A value as a stored plan has it: whole numbers, decimals and times are text, digits of units or of microseconds. */
export type KeptValue = string | number | boolean

/** What is served where a feature's value is missing, by the feature's name. */
export type Defaults = Readonly<Record<string, KeptValue>>
