import type { Context, ValidationError } from 'io-ts'
import { mismatch } from './mismatch.ts'
import type { Validation } from './validation.ts'

/** Part of io-ts's `Type<T, Output, unknown>` that is used. */
export interface IoTsCodec<T> {
  /** Name of the type, for messages. */
  readonly name: string
  /** Tells whether the value is a T. */
  is(value: unknown): value is T
  /** Decodes a value, or lists what is wrong with it. */
  readonly validate: (value: unknown, context: Context) => IoTsResult<T>
  /** Encodes a value. */
  encode(value: T): unknown
}

type IoTsResult<T> =
  | { readonly _tag: 'Left'; readonly left: readonly ValidationError[] }
  | { readonly _tag: 'Right'; readonly right: T }

export function ioTs<T>(codec: IoTsCodec<T>): Validation<T> {
  return {
    read(parsed) {
      const result = codec.validate(parsed, [{ key: '', type: codec as never, actual: parsed }])
      if (result._tag === 'Right') return result.right
      throw explained(result.left)
    },
    write: (value) => codec.encode(value),
  }
}

/**
 * Explains the first error. A union has an error for each member, so expectations for the same
 * place are joined.
 */
function explained(errors: readonly ValidationError[]): TypeError {
  const [first] = errors
  if (first === undefined) return new TypeError('the value is not what its codec expects')
  const path = pathOf(first.context)
  const place = path.join('\n')
  const here = errors.filter(({ context }) => pathOf(context).join('\n') === place)
  const expected = [...new Set(here.map(({ context }) => context.at(-1)?.type.name))].join(' or ')
  const elsewhere = errors.length - here.length
  return mismatch(path, first.message ?? { expected, got: first.value }, elsewhere)
}

/** Path of the value. Unions and intersections add the number of their part, which is left out. */
function pathOf(context: Context): readonly PropertyKey[] {
  const steps = context.slice(1).filter((_, at) => !combining.has(tagOf(context[at]?.type)))
  return steps.map(({ key }) => (/^\d+$/.test(key) ? Number(key) : key))
}

const combining: ReadonlySet<unknown> = new Set(['IntersectionType', 'UnionType'])

function tagOf(type: object | undefined): unknown {
  return (type as { readonly _tag?: unknown } | undefined)?._tag
}
