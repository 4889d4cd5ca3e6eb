import { invalid, type Place } from '../invalid-definition.ts'
import { checkDistinct, checkName, checkNotReserved, checkVectorName } from '../names.ts'

/** Refuses names of values that no column of a training set could have. */
export function checkValueNames(name: string, values: readonly string[], place: Place): void {
  if (values.length === 0) throw invalid(place, 'it computes nothing')
  for (const value of values) {
    const at = { ...place, feature: value }
    checkName(value, 'the name', at)
    checkNotReserved(value, 'the name', at)
    checkVectorName(name, value, at)
  }
  checkDistinct(values, 'features', place)
}
