import { entity, featureService, featureView, precomputed } from '@martlet/feature-store'
import { z } from 'zod'

export const plot = entity('plot', { plot_id: z.int() })

export const plots = featureView('plots', {
  of: plot,
  from: precomputed('mart.plots', {
    columns: {
      plot_id: z.int(),
      at: z.date(),
      rain: z.number(),
      heat: z.number(),
      soil: z.number(),
      ph: z.number(),
      slope: z.number(),
      light: z.number(),
    },
    entity: plot,
    time: 'at',
  }),
  every: '1d',
  features: (f) => ({
    rain: f.column('rain'),
    heat: f.column('heat'),
    soil: f.column('soil'),
    ph: f.column('ph'),
    slope: f.column('slope'),
    light: f.column('light'),
  }),
})

export const growth = featureService('growth', [plots])
