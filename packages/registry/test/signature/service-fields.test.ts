import { vectorFields } from '@martlet/feature-store'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { serviceFields } from '../../src/signature/service-fields.ts'
import { failure } from '../support/failure.ts'
import { service } from '../support/services.ts'

test('the fields of a vector are those the feature store reads', () => {
  const field = fc.record({
    name: fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/),
    type: fc.constantFrom('double', 'text', 'timestamp'),
    nullable: fc.boolean(),
  })
  fc.assert(
    fc.property(
      fc.array(fc.uniqueArray(field, { selector: ({ name }) => name, maxLength: 6 }), { maxLength: 4 }),
      (views) => {
        const plan = { ...service([]), views: views.flatMap((fields) => service(fields).views) }
        expect(serviceFields(plan)).toEqual(vectorFields(plan))
      },
    ),
  )
})

test('a service whose view lost a feature is refused by name', async () => {
  const plan = service([{ name: 'kwh' }])
  const broken = { ...plan, views: plan.views.map((part) => ({ ...part, features: ['kwh', 'gone'] })) }
  const error = await failure(() => serviceFields(broken))
  expect([error.code, error.message]).toEqual(['SERVICE_INVALID', expect.stringContaining('usage.gone')])
})
