import { type Codec, serdeOf } from './codec.ts'
import type { Serde } from './serde.ts'

/** Codecs of a record's value and key. */
export interface RecordCodecs<T> {
  readonly value: Codec<T>
  readonly key?: Codec<unknown> | undefined
}

/** Serdes of a record, made once for each source and sink. */
export interface RecordSerdes<T> {
  readonly value: Serde<T>
  readonly key?: Serde<unknown> | undefined
}

/** Options whose codecs have become serdes. */
export type WithSerdes<Options extends RecordCodecs<T>, T> = Omit<Options, keyof RecordSerdes<T>> & RecordSerdes<T>

/**
 * Makes serdes of the codecs.
 *
 * @throws NOT_A_CODEC
 */
export function recordSerdes<T>({ value, key }: RecordCodecs<T>): Required<RecordSerdes<T>> {
  return { value: serdeOf(value), key: key === undefined ? undefined : serdeOf(key) }
}

/** Awaited when a source or sink opens. */
export async function openSerdes({ value, key }: RecordSerdes<unknown>): Promise<void> {
  await value.open?.()
  await key?.open?.()
}
