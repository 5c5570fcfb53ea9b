/** What the demonstration runs on, Kafka or the embedded log: a topic to feed, and one to check. */
import type { Job } from 'rxweft'

export interface Ground {
  /** The job as the program runs it, for its graph. */
  readonly job: Job
  /** Arguments with which the uppercase program uses these topics. */
  readonly programArguments: readonly string[]
  /** Steps of the protocol at which to kill; see ProtocolStep. */
  readonly steps: readonly string[]
  /** Appends lines to partitions of the source topic. */
  feed(lines: readonly NumberedLine[]): Promise<void>
  /** All records of the sink topic that a read_committed reader sees, in order. */
  output(): Promise<readonly OutputLine[]>
  close(): Promise<void>
}

export interface NumberedLine {
  readonly partition: number
  readonly number: number
  readonly text: string
}

export interface OutputLine {
  readonly partition: number
  readonly text: string
}

export const partitions = 4

export function numberedLine(number: number): NumberedLine {
  return {
    partition: number % partitions,
    number,
    text: `line ${String(number).padStart(6, '0')} of the demonstration`,
  }
}
