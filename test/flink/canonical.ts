/**
 * The same outputs for everybody who does as Flink does: what Flink leaves open is taken away.
 *
 * - Results in one run, with nothing between them, are sorted. Flink fires timers in order of their times; which of two keys is first at
 *   equal times is up to the state backend, and so is which of two buckets an interval join looks at first.
 * - The values of a list in a session window are sorted: those of sessions that merge are appended in an order nobody promises.
 *   In other windows they keep the order of arrival.
 * - A watermark that is no higher than one before is left out. Flink says it again after a restore, having forgotten it.
 */
import type { Output, ResultOutput } from './golden.ts'
import type { Operator } from './scenario.ts'

/** @param steps the outputs, event by event */
export function canonical(operator: Operator, steps: readonly (readonly Output[])[]): readonly (readonly Output[])[] {
  let reached = Number.NEGATIVE_INFINITY
  function rises(output: Output): boolean {
    if (output.type !== 'watermark') return true
    const higher = output.timestamp > reached
    if (higher) reached = output.timestamp
    return higher
  }
  return steps.map((outputs) => sortedRuns(outputs.map((output) => listSorted(operator, output)).filter(rises)))
}

function listSorted(operator: Operator, output: Output): Output {
  if (output.type !== 'result' || operator.kind !== 'window' || operator.assigner.type !== 'session') return output
  return typeof output.value === 'number' ? output : { ...output, value: [...output.value].sort((a, b) => a - b) }
}

function sortedRuns(outputs: readonly Output[]): readonly Output[] {
  const sorted: Output[] = []
  let run: ResultOutput[] = []
  for (const output of outputs) {
    if (output.type === 'result') run.push(output)
    else {
      sorted.push(...run.sort(byContent), output)
      run = []
    }
  }
  return [...sorted, ...run.sort(byContent)]
}

function byContent(one: ResultOutput, other: ResultOutput): number {
  if (one.timestamp !== other.timestamp) return one.timestamp < other.timestamp ? -1 : 1
  const [first, second] = [content(one), content(other)]
  return first < second ? -1 : Number(first > second)
}

function content({ key, window, value }: ResultOutput): string {
  return JSON.stringify([key, window, value])
}
