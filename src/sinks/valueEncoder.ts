/**
 * How a sink encodes values: texts go as they are into the batch, which writes their UTF-8 in
 * place.
 */
import type { Encoded } from '../kafka/batch/recordOutput.ts'
import type { Serde } from '../serde/serde.ts'
import { shortcutsOf } from '../serde/shortcuts.ts'
import { bytesOf } from './bytesOf.ts'

export function valueEncoder<T>(serde: Serde<T>): (value: T) => Encoded {
  return shortcutsOf(serde).encodeText ?? ((value) => bytesOf(serde.encode(value)))
}
