import { Observable, Subject, share } from 'rxjs'
import type { StreamElement } from '../element.ts'
import { FatalError } from '../errors.ts'
import type { StreamRecord } from '../record.ts'
import type { Stream } from '../stream.ts'
import { drawn } from './engine/drawn.ts'
import { whereOf } from './engine/failedIn.ts'
import { notAsync } from './engine/notAsync.ts'
import { type Control, operateLast, type Step } from './engine/operate.ts'
import { type OperatorOptions, ownPolicy } from './engine/operatorOptions.ts'

/**
 * Tests by the name of their branch, tried in order. A type guard, also an inferred one, narrows
 * the type of its branch.
 */
export type Branches<T, K> = Readonly<Record<string, (value: T, record: StreamRecord<T, K>) => boolean>> & {
  /** Reserved for records of no branch. */
  readonly rest?: never
}

/** Streams by the name of their branch, and `rest`. */
export type SplitStreams<T, K, B> = {
  readonly [N in keyof B]: Stream<Guarded<T, K, B[N], T>, K>
} & {
  /** Records of no branch. */
  readonly rest: Stream<Exclude<T, Guarded<T, K, B[keyof B], never>>, K>
}

/** Type to which a type guard narrows; of other tests, `Otherwise`. */
type Guarded<T, K, F, Otherwise> = F extends Guard<T, K, infer V> ? V : Otherwise
type Guard<T, K, V extends T> = (value: T, record: StreamRecord<T, K>) => value is V

/**
 * Splits a stream: each record goes to the first branch whose test holds, otherwise to `rest`.
 *
 *     R--a--B--1--c--|
 *     split(letters, { upper: (letter) => letter < 'a' })
 *     R-----B--1-----|       upper
 *     R--a-----1--c--|       rest
 *
 * Watermarks and barriers go to all branches. Records of no branch are bad records if nobody reads
 * `rest`. A branch that nobody reads ends the job before its first record.
 *
 * @param branches tests by name
 * @throws BAD_OPTION if a branch is named `rest` or by a number
 * @throws OPERATOR_FAILED if a test throws, NO_BRANCH for a record of no branch; see `onError`
 */
export function split<T, K, const B extends Branches<T, K>>(
  stream: Stream<T, K>,
  branches: B,
  options: OperatorOptions = {},
): SplitStreams<T, K, B> {
  const onError = ownPolicy('split', options)
  const tests = Object.entries(branches)
  const wrong = tests.find(([name]) => name === 'rest' || /^\d/.test(name))
  if (wrong !== undefined) throw badName(wrong[0])
  const outlets = tests.map(([name, test]) => ({ name, test, elements: new Subject<StreamElement<T, K>>() }))
  /** Records of no branch. */
  const rest = new Subject<StreamElement<T, K>>()
  const routed = operateLast<T, never>('split', () => route(outlets, rest) as Step<T>, onError)(stream).pipe(share())
  const streams = [...outlets, { name: 'rest', elements: rest }].map(({ name, elements }) => {
    return [name, drawn(branch(elements, routed), { inputs: [routed] })] as const
  })
  return Object.fromEntries(streams) as SplitStreams<T, K, B>
}

interface Outlet<T, K> {
  readonly name: string
  readonly test: (value: T, record: StreamRecord<T, K>) => boolean
  readonly elements: Subject<StreamElement<T, K>>
}

function route<T, K>(outlets: readonly Outlet<T, K>[], rest: Subject<StreamElement<T, K>>): Step<T, K> {
  const everywhere = (element: Control): void => {
    for (const { elements } of outlets) elements.next(element)
    rest.next(element)
  }
  return {
    restore(restore) {
      const unused = outlets.find(({ elements }) => !elements.observed)
      if (unused !== undefined) throw unusedBranch(unused.name)
      everywhere(restore)
    },
    record(record) {
      const outlet = outlets.find(({ test }) => notAsync('split', test(record.value, record)))
      const elements = outlet?.elements ?? rest
      if (!elements.observed) throw noBranch(record)
      elements.next(record)
    },
    watermark: everywhere,
    idle: everywhere,
    barrier: everywhere,
  }
}

/** Reads the stream together with the other branches, as long as one of them does. */
function branch<E>(elements: Subject<E>, routed: Observable<never>): Observable<E> {
  return new Observable((subscriber) => {
    subscriber.add(elements.subscribe({ next: (element) => subscriber.next(element) }))
    subscriber.add(
      routed.subscribe({ error: (error) => subscriber.error(error), complete: () => subscriber.complete() }),
    )
  })
}

function badName(name: string): FatalError {
  return new FatalError('BAD_OPTION', `a branch of split has the name "${name}", which is reserved or a number`, {
    where: { operator: 'split' },
    hint: 'Use another name: `rest` holds the records that match no branch, and numeric names lose their order in an object',
  })
}

function unusedBranch(name: string): FatalError {
  return new FatalError('UNUSED_BRANCH', `nothing reads the branch "${name}" of split`, {
    where: { operator: 'split' },
    hint: 'Begin a branch of the job with it and end that branch in to(sink). To drop its records, use filter before split',
  })
}

function noBranch(record: StreamRecord<unknown>): FatalError {
  return new FatalError('NO_BRANCH', 'the record matches no branch of split, and nothing reads `rest`', {
    where: whereOf('split', record),
    badRecord: true,
    hint: "Read `rest`, or set onError: 'skip', which counts such records",
  })
}
