/**
 * What is fed to the job of program.ts, and what its output begins with:
 *
 *   event   KEY WORD NUMBER TIME RULE     key of one partition; word of all of them
 *   rule    RULE TEXT
 *   output  the key, or word, or rule that it belongs to, then the rest
 */
export const partitions = 6
export const windowSize = 10_000
/** How far a time may lie behind the highest one of its partition, ms. */
export const outOfOrderness = 2_000

export const topicNames = ['events', 'rules', 'counts', 'windows', 'late', 'applied'] as const
export type TopicName = (typeof topicNames)[number]
/** Those that the job writes. */
export const outputs = ['counts', 'windows', 'late', 'applied'] as const satisfies readonly TopicName[]

export interface Event {
  readonly key: string
  readonly word: string
  readonly number: string
  /** ms since the epoch */
  readonly time: number
  readonly rule: string
}

export function encoded({ key, word, number, time, rule }: Event): string {
  return [key, word, number, time, rule].join(' ')
}

export function decoded(line: string): Event {
  const [key = '', word = '', number = '', time = '', rule = ''] = line.split(' ')
  return { key, word, number, time: Number(time), rule }
}

/** What an output belongs to; its order counts among its own kind only. */
export function ownerOf(output: string): string {
  return output.slice(0, output.indexOf(' '))
}

/** Start of the window of a time, or of a line of the topic 'windows'. */
export function windowStart(time: number): number {
  return time - (time % windowSize)
}
