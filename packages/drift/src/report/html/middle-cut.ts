/** A name of at most so many characters: of a longer one its beginning and its end, which tell similar names apart. */
export function middleCut(name: string, most: number): string {
  // Code points are at most as many as code units.
  if (name.length <= most) return name
  const characters = [...name]
  if (characters.length <= most) return name
  const end = Math.floor((most - 1) / 2)
  return `${characters.slice(0, most - 1 - end).join('')}…${characters.slice(-end).join('')}`
}
