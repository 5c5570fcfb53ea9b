/**
 * Compares output with input line by line, so that a fault can be blamed for the lines that it
 * cost.
 */
import { numberedLine, type OutputLine, partitions } from '../../examples/demo/ground.ts'

export interface Count {
  readonly in: number
  readonly out: number
  /** Numbers of lines. */
  readonly lost: readonly number[]
  readonly duplicated: readonly number[]
  readonly reordered: readonly number[]
  /** What nobody has fed, or not into this partition. */
  readonly foreign: readonly string[]
}

/** @param fed lines 1 to `fed` went in. @param gone those of them that the job could not read any more, and must not have. */
export function count(output: readonly OutputLine[], fed: number, gone: ReadonlySet<number> = new Set()): Count {
  const seen = new Set<number>()
  const last = Array.from({ length: partitions }, () => 0)
  const [duplicated, reordered, foreign] = [new Set<number>(), new Set<number>(), [] as string[]]
  for (const { partition, text } of output) {
    const number = Number(/\d+/.exec(text)?.[0])
    const line = numberedLine(number)
    const ours = number >= 1 && number <= fed && !gone.has(number)
    if (!ours || line.partition !== partition || line.text.toUpperCase() !== text) {
      foreign.push(text)
      continue
    }
    if (seen.has(number)) duplicated.add(number)
    else if (number < (last[partition] as number)) reordered.add(number)
    last[partition] = Math.max(number, last[partition] as number)
    seen.add(number)
  }
  const lost: number[] = []
  for (let number = 1; number <= fed; number++) if (!seen.has(number) && !gone.has(number)) lost.push(number)
  return {
    in: fed - gone.size,
    out: output.length,
    lost,
    duplicated: [...duplicated],
    reordered: [...reordered],
    foreign,
  }
}

/** "100 in, 100 out, 0 lost, 0 duplicated, 0 reordered", and what was foreign where something was. */
export function show({ in: fed, out, lost, duplicated, reordered, foreign }: Count): string {
  const line = `${fed} in, ${out} out, ${lost.length} lost, ${duplicated.length} duplicated, ${reordered.length} reordered`
  return foreign.length === 0 ? line : `${line}, ${foreign.length} foreign: ${foreign.slice(0, 3).join(' | ')}`
}
