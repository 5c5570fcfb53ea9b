import type { Source } from '../contracts/source.ts'
import { FatalError } from '../errors.ts'
import { aBoolean, aFunction, nonEmptyText, numberFrom, required, rule } from '../optionRules.ts'
import { checkOptions, type OptionRules } from '../options.ts'
import { type MemoryPartition, type MemorySourceOptions, memoryReader, partitionMissing } from './memoryReader.ts'

/** Source over values in memory, to which a program or test may push more. */
export interface MemorySource<T> extends Source<T> {
  /**
   * Appends values to the first partition.
   *
   * @throws SOURCE_ENDED after the end
   */
  push(...values: T[]): void
  /**
   * Appends values to one of the partitions.
   *
   * @throws SOURCE_ENDED after the end
   * @throws PARTITION_MISSING if there is no such partition
   */
  pushTo(partition: number, ...values: T[]): void
  /** Ends the source: the job reads the rest, takes a final checkpoint and finishes. */
  end(): void
}

/**
 * Reads values from memory, for tests and first steps.
 *
 *     memorySource(['a', 'b'])                         one partition, ends after b
 *     memorySource({ partitions: [['a'], ['b']] })     two partitions
 *     const lines = memorySource<string>()             stays open: lines.push('a'), lines.end()
 *
 * The values are kept, so a restart, or the next `execute` in the same process, resumes at the last
 * checkpoint.
 *
 * @param given values, or options: the source ends after the values unless `unbounded`. Without it,
 *   the source has one partition and stays open
 * @throws BAD_OPTION if an option is wrong
 */
export function memorySource<T>(given?: readonly T[] | MemorySourceOptions<T>): MemorySource<T> {
  const options = optionsOf(given)
  const { topic = 'memory', maxInFlight = 10_000, id = `memorySource:${topic}` } = options
  const partitions = options.partitions.map((values, partition): MemoryPartition<T> => {
    return { split: { topic, partition }, values: [...values] }
  })
  const changed = new Set<() => void>()
  let ended = options.unbounded !== true

  const pushTo = (partition: number, ...values: T[]): void => {
    const found = partitions[partition]
    if (ended) throw endedAlready(id)
    if (found === undefined) throw partitionMissing({ topic, partition })
    for (const value of values) found.values.push(value)
    for (const tell of changed) tell()
  }

  return {
    id,
    topics: [topic],
    maxInFlight,
    bounded: options.unbounded !== true,
    open: async () => memoryReader({ ...options, partitions, changed, ended: () => ended }),
    push: (...values) => pushTo(0, ...values),
    pushTo,
    end() {
      ended = true
      for (const tell of changed) tell()
    },
  }
}

const rules: OptionRules<MemorySourceOptions<unknown>> = {
  partitions: required(
    rule('one array of values for each partition, and at least one', (value) => {
      return Array.isArray(value) && value.length > 0 && value.every(Array.isArray)
    }),
  ),
  topic: nonEmptyText,
  timestamp: aFunction,
  key: aFunction,
  maxInFlight: numberFrom(1),
  unbounded: aBoolean,
  id: nonEmptyText,
}

function optionsOf<T>(given: readonly T[] | MemorySourceOptions<T> | undefined): MemorySourceOptions<T> {
  if (given === undefined) return { partitions: [[]], unbounded: true }
  if (Array.isArray(given)) return { partitions: [given] }
  checkOptions('memorySource', given as MemorySourceOptions<unknown>, rules)
  return given as MemorySourceOptions<T>
}

function endedAlready(operator: string): FatalError {
  return new FatalError('SOURCE_ENDED', 'a value was pushed to a source that has ended', {
    where: { operator },
    hint: 'A source made of values ends after them: set `unbounded: true` to push more values, and push before end()',
  })
}
