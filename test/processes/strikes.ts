/** What happens in a round, and in what order: faults one after the other, some of them two at a time. */
import { shuffled } from '../faults/seededRandom.ts'
import type { ProcessFault } from './fault.ts'

/** Faults that happen at the same time: one of processes, one of brokers, or one of each. */
export type Strike = readonly ProcessFault[]

/** Share of the faults of processes that have company. */
const together = 0.4

/** Every fault comes once before any comes again. */
export function* strikes(random: () => number, faults: readonly ProcessFault[]): Generator<Strike, void> {
  const left: Record<ProcessFault['kind'], ProcessFault[]> = { processes: [], brokers: [] }

  function take(kind: ProcessFault['kind']): ProcessFault | undefined {
    if (left[kind].length === 0)
      left[kind].push(
        ...shuffled(
          random,
          faults.filter((fault) => fault.kind === kind),
        ),
      )
    return left[kind].pop()
  }

  for (;;) {
    const dice = random()
    const both = [take('processes'), take('brokers')].filter((one) => one !== undefined)
    if (both.length === 0) return
    if (dice < together) yield both
    else for (const one of both) yield [one]
  }
}
