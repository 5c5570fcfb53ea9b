import { FatalError } from '../../errors.ts'

/** Values of one source: an array for one partition, or partitions. */
export type CrashInput<T> = readonly T[] | CrashPartitions<T>

/** Values of a source with several partitions, keys or timestamps. */
export interface CrashPartitions<T> {
  /** Values of each partition; an empty array is an empty partition. */
  readonly partitions: readonly (readonly T[])[]
  /** Event time of a value, ms since the epoch. Default 0. */
  readonly timestamp?: (value: T) => number
  /** Key of a value. Default: null. */
  readonly key?: (value: T) => unknown
}

/** Values of each source, by name. */
export type CrashInputs<I> = { readonly [N in keyof I]: CrashInput<I[N]> }

/**
 * Partitions of the input of that name.
 *
 * @throws BAD_OPTION if there is no such input
 */
export function partitionsOf<I>(inputs: CrashInputs<I>, name: string): CrashPartitions<unknown> {
  if (!Object.hasOwn(inputs, name)) throw unknownInput(name, Object.keys(inputs))
  const given = inputs[name as keyof I] as CrashInput<unknown>
  return 'partitions' in given ? given : { partitions: [given] }
}

/** Total number of values. */
export function sizeOf<I>(inputs: CrashInputs<I>): number {
  const partitions = Object.keys(inputs).flatMap((name) => partitionsOf(inputs, name).partitions)
  return partitions.reduce((sum, values) => sum + values.length, 0)
}

function unknownInput(name: string, known: readonly string[]): FatalError {
  return new FatalError('BAD_OPTION', `the job reads from source("${name}"), but the test has no input for it`, {
    hint: `The test has input for ${known.map((one) => `"${one}"`).join(', ')}`,
  })
}
