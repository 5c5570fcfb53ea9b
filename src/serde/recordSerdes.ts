/** The codecs of a record, as serdes: made once for each source and sink. */
import { type Codec, serdeOf } from './codec.ts'
import type { Serde } from './serde.ts'

export interface RecordCodecs<T> {
  readonly value: Codec<T>
  readonly key?: Codec<unknown> | undefined
}

export interface RecordSerdes<T> {
  readonly value: Serde<T>
  readonly key?: Serde<unknown> | undefined
}

/** Options with codecs, after these have become serdes. */
export type WithSerdes<Options extends RecordCodecs<T>, T> = Omit<Options, keyof RecordSerdes<T>> & RecordSerdes<T>

/** Throws Fatal NOT_A_CODEC. */
export function recordSerdes<T>({ value, key }: RecordCodecs<T>): Required<RecordSerdes<T>> {
  return { value: serdeOf(value), key: key === undefined ? undefined : serdeOf(key) }
}

/** To be awaited when a source or sink opens. */
export async function openSerdes({ value, key }: RecordSerdes<unknown>): Promise<void> {
  await value.open?.()
  await key?.open?.()
}
