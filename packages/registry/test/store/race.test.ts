import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { folderArtifacts, openRegistry } from '../../src/index.ts'
import { newPlace, openPlace } from '../support/places.ts'
import { linear, temporaryFolder } from '../support/registries.ts'

test('of several who move one alias from where it points, exactly one does', { timeout: 60_000 }, async () => {
  const folder = await temporaryFolder()
  const place = await newPlace(folder)
  const registries = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const { db, dialect, close } = await openPlace(place, 20)
      onTestFinished(close)
      return openRegistry({ db, dialect, artifacts: folderArtifacts(join(folder, 'artifacts')) })
    }),
  )
  const [first] = registries
  for (let bias = 1; bias <= 4; bias++) await first!.register(linear(bias))
  let live: number | null = null
  for (let round = 0; round < 3; round++) {
    const moves = await Promise.allSettled(
      registries.map((registry, index) =>
        registry.setAlias('next_day', 'champion', ((index + round) % 4) + 1, {
          expect: live,
          reason: 'race',
          actor: `${index}`,
        }),
      ),
    )
    // Those who set an alias to its own version have nothing to move, unless another one was faster.
    const moved = moves.flatMap((move) => (move.status === 'fulfilled' && move.value.to !== live ? [move.value] : []))
    expect(moved.length).toBe(1)
    for (const move of moves) if (move.status === 'rejected') expect(move.reason).toMatchObject({ code: 'ALIAS_MOVED' })
    live = moved[0]!.to
  }
  expect((await first!.history('next_day', 'champion')).moves).toHaveLength(3)
})
