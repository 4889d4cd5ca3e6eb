const grid = (spec: string) => `everyGrid({ from: '2026-01-01', to: '2026-02-01', ${spec} })`

/** Wrong spines, and what the compiler must say about each. */
export const spineMistakes: readonly (readonly [name: string, code: string, says: string])[] = [
  [
    'a grid of a fact',
    grid(`of: usage, every: '1d'`),
    'a fact has no population; name a view of it, or use whenever(fact) for a row before each event',
  ],
  [
    'a grid of a service',
    grid(`of: featureService('s', [use]), every: '1d'`),
    'a service reads several views; name the one whose entities the rows are of',
  ],
  ['a grid of an entity', grid(`of: customer, every: '1d'`), 'only a dimension or a feature view has a population'],
  ['a grid of nobody', grid(`every: '1d'`), `Property 'of' is missing`],
  ['a grid by the month', grid(`of: use, every: '1 month'`), `is not assignable to type`],
  ['a grid without a step', grid(`of: use`), `Property 'every' is missing`],
  [
    'rows before what is no event',
    `whenever(history, { before: '1h' })`,
    `Type '"dimension"' is not assignable to type '"fact"'`,
  ],
  [
    'rows before events under a condition on a misspelt column',
    `whenever(usage, { where: (r) => r.kwH.gt(1) })`,
    `Property 'kwH' does not exist`,
  ],
  [
    'rows before events under what is no condition',
    `whenever(usage, { where: (r) => r.kwh })`,
    `is not assignable to type 'Valued<boolean | null>'`,
  ],
  [
    'rows with a column that the events lack',
    `whenever(usage, { columns: ['tarif'] })`,
    `Type '"tarif"' is not assignable to type`,
  ],
  [
    'rows of another entity than the events have',
    `whenever(usage, { of: site })`,
    `entity 'site' is not one of the entities of this fact`,
  ],
  ['rows that are long before events', `whenever(usage, { before: '1 hour' })`, `is not assignable to type`],
]
