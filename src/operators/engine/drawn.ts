/** What a stream was made by, for those who draw a pipeline. Running it does not need this. */
import type { Observable } from 'rxjs'
import type { OperatorId } from '../../record.ts'

/** Operator whose output a stream is. */
export interface Drawn {
  /** Function that made it, such as `scan`; null: a mere part of one, which is not drawn. */
  readonly kind: string | null
  /** Id of an operator with state; null: it has none. */
  readonly id: OperatorId | null
  readonly inputs: readonly Observable<unknown>[]
  /** Its side outputs. */
  readonly sides: readonly object[]
}

const known = new WeakMap<object, Drawn>()

/** Keeps what is known of a stream; the last word about it counts, part by part. */
export function drawn<S extends object>(stream: S, what: Partial<Drawn>): S {
  known.set(stream, { kind: null, id: null, inputs: [], sides: [], ...known.get(stream), ...what })
  return stream
}

/** Null for a stream of somebody else, and for the start of a pipeline. */
export function drawnAs(stream: object): Drawn | null {
  return known.get(stream) ?? null
}
