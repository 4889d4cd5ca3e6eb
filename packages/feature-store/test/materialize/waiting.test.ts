import { expect, test } from 'vitest'
import { acquireLease, type Lease } from '../../src/catalog/lease.ts'
import { materialize } from '../../src/materialize/materialize.ts'
import { createMart, customerUsage, errorCode } from './energy.ts'
import { inPlace } from './in-place.ts'

test('a view that another run holds is waited for, when the caller says so', () =>
  inPlace(async ({ warehouse, catalog }) => {
    await createMart(warehouse)
    const other: Lease = await acquireLease(catalog, 'customer_usage', 'them')
    const run = { warehouse, catalog, views: [customerUsage], quality: false as const, now: '2024-01-20T06:00Z' }
    expect(await errorCode(materialize(run))).toBe('LEASE_HELD')
    const heard: string[] = []
    const given = materialize({
      ...run,
      wait: {
        milliseconds: 60_000,
        onWait: ({ error }) => {
          heard.push(error.code)
          void other.release()
        },
      },
    })
    expect(await given).toMatchObject([{ view: 'customer_usage', action: 'write' }])
    expect(heard).toEqual(['LEASE_HELD'])
  }))
