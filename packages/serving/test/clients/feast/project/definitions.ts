import { decimal, entity, featureService, featureView, onDemand, precomputed, request } from '@martlet/feature-store'
import { z } from 'zod'

export const guest = entity('guest', { guest_id: z.int() })
export const stay = entity('stay', { guest_id: z.int(), hotel: z.string() })

export const guests = featureView('guests', {
  description: 'What is known of a guest',
  owner: 'growth',
  tags: ['team=growth', 'pii'],
  of: guest,
  from: precomputed('mart.guests', {
    columns: {
      guest_id: z.int(),
      at: z.date(),
      nights: z.int().nullable(),
      floor: z.int32().nullable(),
      spent: z.number().nullable(),
      tier: z.string().nullable(),
      member: z.boolean().nullable(),
      seen_at: z.date().nullable(),
      born_on: z.iso.date().nullable(),
      balance: decimal(12, 2).nullable(),
    },
    entity: guest,
    time: 'at',
  }),
  every: '1d',
  features: (f) => ({
    nights: f.column('nights'),
    floor: f.column('floor'),
    spent: f.column('spent'),
    tier: f.column('tier'),
    member: f.column('member'),
    seen_at: f.column('seen_at'),
    born_on: f.column('born_on'),
    balance: f.column('balance'),
  }),
})

export const stays = featureView('stay_counts', {
  of: stay,
  from: precomputed('mart.stays', {
    columns: { guest_id: z.int(), hotel: z.string(), at: z.date(), visits: z.int(), rating: z.number() },
    entity: stay,
    time: 'at',
  }),
  every: '1d',
  ttl: '3650d',
  features: (f) => ({ visits: f.column('visits'), rating: f.column('rating') }),
})

export const old = featureView('old_offers', {
  of: guest,
  from: precomputed('mart.offers', {
    columns: { guest_id: z.int(), at: z.date(), discount: z.number() },
    entity: guest,
    time: 'at',
  }),
  every: '1d',
  ttl: '1d',
  features: (f) => ({ discount: f.column('discount') }),
})

export const quote = onDemand('quote', {
  of: [guests.pick('spent')],
  request: request({ nights_wanted: z.int().min(1) }),
  derive: (v, r) => ({ price: r.nights_wanted.mul(100).sub(v.guests__spent) }),
})

export const profile = featureService('profile', [guests])
export const staysService = featureService('stays', [stays, guests.pick('tier'), old])
export const quotes = featureService('quotes', [guests.pick('spent'), quote])
