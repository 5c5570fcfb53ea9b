/**
 * Side outputs of one operator: control elements go to all of them, records to the one they are put
 * into.
 */
import type { OperatorId, StreamRecord } from '../../record.ts'
import type { AnySideOutput, Inlet, SideReceiver } from '../sideOutput.ts'
import type { Control } from './operate.ts'

export interface SideStreams extends Pick<Inlet<never>, 'complete' | 'release'> {
  pass(control: Control): void
  /** Returns the function that puts records into an output. */
  into<T, K>(output: SideReceiver<T, K>): (record: StreamRecord<T, K>) => void
}

/**
 * Throws Fatal SIDE_OUTPUT_TAKEN.
 * @param outputs one may be among them twice
 */
export function sideStreams(operator: OperatorId, outputs: readonly AnySideOutput[]): SideStreams {
  const all = new Map([...new Set(outputs)].map((output) => [output, output.connect(operator)]))
  return {
    pass(control) {
      for (const inlet of all.values()) inlet.next(control)
    },
    into<T, K>(output: SideReceiver<T, K>) {
      const inlet = all.get(output) as Inlet<T, K>
      return (record: StreamRecord<T, K>) => inlet.next(record)
    },
    complete() {
      for (const inlet of all.values()) inlet.complete()
    },
    release() {
      for (const inlet of all.values()) inlet.release()
    },
  }
}
