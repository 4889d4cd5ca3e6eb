import { bytesField, integerField, message, textField } from '@martlet/registry/protobuf'

/** A map field of text to text. */
export function mapFields(number: number, entries: Readonly<Record<string, string>>): readonly Uint8Array[] {
  return Object.entries(entries).map(([key, value]) =>
    bytesField(number, message(textField(1, key), textField(2, value))),
  )
}

/** A text field, or none when there is no text. */
export function textFields(number: number, value: string | null | undefined): readonly Uint8Array[] {
  return value === null || value === undefined || value === '' ? [] : [textField(number, value)]
}

const SECOND = 1_000_000n

/** `google.protobuf.Timestamp` or `google.protobuf.Duration`, from microseconds. */
export function timeField(number: number, micros: bigint): Uint8Array {
  const rest = ((micros % SECOND) + SECOND) % SECOND
  return bytesField(number, message(integerField(1, (micros - rest) / SECOND), integerField(2, rest * 1000n)))
}
