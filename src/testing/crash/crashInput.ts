/** What a crash test gives to the sources of a job: the values of each, as `memorySource` takes them. */
import { FatalError } from '../../errors.ts'

/** An array: one partition. */
export type CrashInput<T> = readonly T[] | CrashPartitions<T>

export interface CrashPartitions<T> {
  /** The values of each partition; an empty array is a partition too. */
  readonly partitions: readonly (readonly T[])[]
  /** Event time, ms since the epoch; default 0. */
  readonly timestamp?: (value: T) => number
  /** Default: null. */
  readonly key?: (value: T) => unknown
}

export type CrashInputs<I> = { readonly [N in keyof I]: CrashInput<I[N]> }

/** The partitions of the input of that name. Throws Fatal BAD_OPTION. */
export function partitionsOf<I>(inputs: CrashInputs<I>, name: string): CrashPartitions<unknown> {
  if (!Object.hasOwn(inputs, name)) throw unknownInput(name, Object.keys(inputs))
  const given = inputs[name as keyof I] as CrashInput<unknown>
  return 'partitions' in given ? given : { partitions: [given] }
}

/** How many values there are in all. */
export function sizeOf<I>(inputs: CrashInputs<I>): number {
  const partitions = Object.keys(inputs).flatMap((name) => partitionsOf(inputs, name).partitions)
  return partitions.reduce((sum, values) => sum + values.length, 0)
}

function unknownInput(name: string, known: readonly string[]): FatalError {
  return new FatalError('BAD_OPTION', `the job reads from source("${name}"), for which there is no input`, {
    hint: `There is input for ${known.map((one) => `"${one}"`).join(', ')}`,
  })
}
