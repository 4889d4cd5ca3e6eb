import {
  columnKind,
  profileSchema,
  type ColumnProfile,
  type ProfiledColumn,
  type ReferenceProfile,
} from './reference-profile.ts'

/** A profile that only says which columns to compare, for monitors whose reference is measured from earlier rows. */
export function profileOfColumns(name: string, columns: readonly ProfiledColumn[]): ReferenceProfile {
  return {
    schema: profileSchema,
    name,
    createdAt: new Date(0).toISOString(),
    rows: 0,
    time: null,
    columns: columns.map(emptyColumn),
  }
}

function emptyColumn(column: ProfiledColumn): ColumnProfile {
  const { name, type, role = 'feature', importance = 1, calendar, sources } = column
  const plain = {
    name,
    type,
    role,
    importance,
    nulls: 0,
    ...(calendar === undefined ? {} : { calendar }),
    ...(sources === undefined ? {} : { sources }),
  }
  switch (columnKind(column)) {
    case 'number':
      return {
        ...plain,
        kind: 'number',
        origin: null,
        finite: 0,
        nan: 0,
        positiveInfinite: 0,
        negativeInfinite: 0,
        minimum: null,
        maximum: null,
        edges: [],
        counts: [0],
        sums: [0],
        deciles: [],
        limits: null,
        centre: null,
        mean: null,
        std: null,
        robustStd: null,
        exactEdges: true,
      }
    case 'category':
      return { ...plain, kind: 'category', top: [], rest: [], beyond: 0, distinct: 0 }
    case 'time':
      return { ...plain, kind: 'time' }
  }
}
