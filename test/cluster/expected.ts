/** Lines that are fed, and what becomes of them in each of the two sinks of the job: a partition of the source is one of each sink. */
import type { Seen } from './history.ts'

export const partitions = 6

export interface Line {
  readonly partition: number
  readonly value: string
}

/** "partition number key": no two are the same. */
export function line(number: number): Line {
  const partition = number % partitions
  return { partition, value: `${partition} ${number} k${number % 7}` }
}

/** Of its own in each partition, so that the order between partitions does not matter. */
export function keyOf(line: string): string {
  const [partition, , key] = line.split(' ')
  return `${partition} ${key}`
}

export function echoed(line: string): string {
  return line.toUpperCase()
}

export function counted(count: number, line: string): string {
  return `${line}: ${count}`
}

/** What must become of the lines of one partition: in the first sink, and in the second. */
export function expectedOf(lines: readonly string[]): readonly [echo: readonly string[], counts: readonly string[]] {
  const counts = new Map<string, number>()
  const eachCounted = lines.map((line) => {
    const count = (counts.get(keyOf(line)) ?? 0) + 1
    counts.set(keyOf(line), count)
    return counted(count, line)
  })
  return [lines.map(echoed), eachCounted]
}

/** One array for each partition, in order. */
export function byPartition(seen: readonly Seen[]): readonly (readonly Seen[])[] {
  const found: Seen[][] = Array.from({ length: partitions }, () => [])
  for (const one of seen) found[one.partition]?.push(one)
  return found
}
