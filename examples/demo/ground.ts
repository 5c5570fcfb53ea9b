/** What the demonstration needs from the ground that it runs on, Kafka or the embedded log: a topic to feed and one to judge. */
export interface Ground {
  /** Arguments of the uppercase program that lead here. */
  readonly programArguments: readonly string[]
  /** The steps of the protocol to kill at; see ProtocolStep. */
  readonly steps: readonly string[]
  /** Appends lines to partitions of the source topic. */
  feed(lines: readonly NumberedLine[]): Promise<void>
  /** Everything that a read_committed reader sees in the sink topic, in order. */
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
