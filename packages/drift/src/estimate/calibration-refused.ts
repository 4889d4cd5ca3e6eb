import { MartletError } from '@martlet/warehouse'

/** The error of a reference that no estimate can rest on. */
export function calibrationRefused(why: string, data: Readonly<Record<string, string | number>> = {}): MartletError {
  return new MartletError(
    'CALIBRATION_INVALID',
    `Performance cannot be estimated from this reference: ${why}. Give rows with predictions and labels that the model was not ` +
      'trained on.',
    { data },
  )
}
