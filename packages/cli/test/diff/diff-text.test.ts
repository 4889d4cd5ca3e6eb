import { expect, it } from 'vitest'
import { diffText } from '../../src/diff/diff-text.ts'

const nobody = { services: [], labels: [], models: [] }
const terminal = { paint: (_: string, text: string): string => text, width: 80 }

it('says once that no view differs, without counting others beside none', () => {
  const diff = { against: 'what is applied', views: [], unchanged: 1, affected: nobody }
  expect(diffText(diff, true, terminal)).toBe('against what is applied: no view differs')
})

it('names what reads the change also where no view differs', () => {
  const labels = [{ name: 'next_day', reasons: ['window 1d → 2d'] }]
  const diff = { against: 'what is applied', views: [], unchanged: 1, affected: { ...nobody, labels } }
  expect(diffText(diff, true, terminal)).toBe(
    'against what is applied: no view differs\n\nlabel next_day: window 1d → 2d',
  )
})
