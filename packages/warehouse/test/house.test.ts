import { sql } from '@martlet/warehouse'
import { describe, expect, it } from 'vitest'
import { withAddition, type ChangedPackage } from './house/with-addition.ts'
import { snowflakeText } from './snowflake-sql/snowflake-texts.ts'

const initial = `
import { leaf, type Leaf } from './leaf.ts'
import type { Leaves } from './leaves.ts'
import { sql, type Sql } from '../sql.ts'

/** The first character of a text. */
export const initial: Leaf<(x: Sql) => Sql> = leaf({
  standard: (x) => sql\`SUBSTRING(\${x} FROM 1 FOR 1)\`,
  snowflake: (x) => sql\`LEFT(\${x}, 1)\`,
})

export const used = (leaves: Leaves): Sql => leaves.initial(sql.id('name'))
// @ts-expect-error a leaf takes SQL, not text
export const misused = (leaves: Leaves): Sql => leaves.initial('name')
`

function withLeaf(source: string): ChangedPackage {
  return withAddition('warehouse', {
    file: 'leaves/initial.ts',
    source,
    list: 'leaves/list.ts',
    name: 'initial',
  })
}

describe('a leaf is added with one file and one line', () => {
  it('every engine prints it, and the types know it', async () => {
    using changed = withLeaf(initial)
    const { leavesFor } = (await changed.load('leaves/leaves.ts')) as {
      leavesFor: (engine: string) => { initial: (x: unknown) => ReturnType<typeof sql> }
    }
    expect(snowflakeText(leavesFor('snowflake').initial(sql.id('name')))).toBe('LEFT("NAME", 1)')
    expect(snowflakeText(leavesFor('duckdb').initial(sql.id('name')))).toBe('SUBSTRING("NAME" FROM 1 FOR 1)')
    expect(await changed.typeErrors()).toBe('')
  })

  it('the compiler refuses a leaf that an engine cannot print', async () => {
    using changed = withLeaf(initial.replace('standard:', 'duckdb:').replace(/ {2}snowflake:.*\n/, ''))
    expect(await changed.typeErrors()).toContain('leaves/initial.ts')
  })
})
