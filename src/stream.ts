/**
 * Streams of elements, and the types of their `pipe`, whose errors have one line at the operator
 * that is wrong. At run time a stream is an Observable, and its `pipe` is that of RxJS.
 */
import type { Observable, Observer, Subscription } from 'rxjs'
import type { StreamElement } from './element.ts'
import type { Key } from './record.ts'
import type { Committable, TransactionalSink } from './sinks/sink.ts'

declare const values: unique symbol
declare const keys: unique symbol
declare const misuse: unique symbol

/**
 * Stream of elements in a pipeline: an Observable whose `pipe` takes operators of rxweft.
 *
 * @typeParam T values of its records
 * @typeParam K keys of its records; unknown before `keyBy`
 */
// biome-ignore lint/suspicious/noExplicitAny: RxJS's `map((line) => ...)` then has no error inside, only the one of `pipe`
export interface Stream<out T, out K = unknown> extends Observable<any> {
  /** Exists for types alone: tells a stream from another Observable. */
  readonly [values]: T
  /** Exists for types alone. */
  readonly [keys]: K
  /** Composes operators. */
  readonly pipe: Pipe
  /** Subscribes to the elements; jobs do so themselves. */
  subscribe(observer?: Partial<Observer<StreamElement<T, K>>> | ((element: StreamElement<T, K>) => void)): Subscription
  // biome-ignore lint/suspicious/noExplicitAny: TypeScript infers from the last overloads, as above
  subscribe(observer?: Partial<Observer<any>> | ((element: any) => void)): Subscription
  // biome-ignore lint/suspicious/noExplicitAny: the same
  subscribe(next?: any, error?: any, complete?: any): Subscription
}

/** Finished branch of a pipeline. The runner reads its sink before it subscribes, to open it. */
export interface Output extends Observable<Committable> {
  /** Sink in which the branch ends. */
  readonly sink: TransactionalSink<never>
}

/** Operator on streams, as `pipe()` takes it. Records keep their key. */
export type StreamOperator<T, R, K = unknown> = (source: Stream<T, K>) => Stream<R, K>

/** Element of a stream, or of another Observable. */
export type ElementOf<O> =
  O extends Stream<infer T, infer K> ? StreamElement<T, K> : O extends Observable<infer E> ? E : never

/** Stands for the stream of an operator that is used wrongly. */
export interface Misused<Why extends string> {
  /** Text that says what is wrong; `pipe` shows it. Exists for types alone. */
  readonly [misuse]: Why
}

/** Stands for a stream of promises, which no sink can write. */
export type Unawaited = Misused<'this operator does not wait for promises: use asyncMap'>

/**
 * Declares the elements of an Observable to be a stream: for operators of one's own that are not
 * made by `operate`. They must pass on every control element.
 */
export function asStream<T, K>(elements: Observable<StreamElement<T, K>>): Stream<T, K> {
  return elements as Stream<T, K>
}

/**
 * Type of the next operator in `pipe`: a function from S to A or, where that would be wrong, a
 * literal that says why. A literal has no parts that the compiler could explain in more lines.
 *
 * While an operator is inferred, I is still `never`, and its context is the stream S. Afterwards I
 * is the input that the operator takes.
 */
type Next<S, I, A> = [I] extends [never]
  ? (source: NoInfer<Known<S>>) => A
  : [A] extends [Unless<S, Stream<unknown> | Output>]
    ? [S] extends [Unless<S, I>]
      ? (source: I) => A
      : Refused<S, I>
    : [A] extends [Misused<infer Why>]
      ? Why
      : [A] extends [(source: never) => unknown]
        ? NotCalled
        : NotOurs

/** Context of an operator behind one that is wrong: anything, so that there is one error alone. */
// biome-ignore lint/suspicious/noExplicitAny: unknown would be an error in the next operator
type Known<S> = [S] extends [Stream<unknown> | Output] ? S : Stream<any, any>

/** Nothing is known of S where `Stream` itself is compared with Observable: any pipe will do. */
// biome-ignore lint/suspicious/noExplicitAny: see above
type Unless<S, X> = unknown extends S ? any : X

/** What is wrong if a stream S is not the input I. */
type Refused<S, I> =
  S extends Stream<infer T, infer K>
    ? I extends Stream<infer Wanted, Key>
      ? [T] extends [Wanted]
        ? unknown extends K
          ? NotKeyed
          : OtherKeys
        : OtherValues
      : OtherValues
    : S extends Output
      ? Ended
      : NotOurs

type NotOurs = 'not an operator of rxweft: import it from rxweft instead of rxjs, or wrap it in lift()'
type NotCalled = 'this function makes an operator: call it, as in map((value) => ...)'
type Ended = 'to(sink) ends a pipeline: put this operator before it'
type NotKeyed = 'this operator keeps something for each key: put keyBy(...) before it'
type OtherKeys = 'this operator takes keys of another type than the stream has'
type OtherValues = 'this operator takes values of another type than the stream has'

/** Result of an operator that could not be inferred: anything, for the same reason. */
// biome-ignore lint/suspicious/noExplicitAny: see above
type Unclear = any

/**
 * The method `pipe` of streams, with one signature for each number of operators, so that a mistake
 * is compared with one alone. I1, I2 ... are the inputs that the operators take.
 */
// biome-ignore format: a line for each number of operators
export interface Pipe {
  /** Returns the stream. */
  <S>(this: S): S
  /**
   * Composes operators: the first reads this stream, each other one the output of the one before.
   *
   *     from(lines).pipe(map((line) => line.length), keyBy((n) => n), to(sink))
   *
   * At most 12 operators; a longer pipeline calls `pipe` again on the result.
   */
  <S, A = Unclear, I1 = never>(this: S, a: Next<S, I1, A>): A
  <S, A = Unclear, B = Unclear, I1 = never, I2 = never>(this: S, a: Next<S, I1, A>, b: Next<A, I2, B>): B
  <S, A = Unclear, B = Unclear, C = Unclear, I1 = never, I2 = never, I3 = never>(this: S, a: Next<S, I1, A>, b: Next<A, I2, B>, c: Next<B, I3, C>): C
  <S, A = Unclear, B = Unclear, C = Unclear, D = Unclear, I1 = never, I2 = never, I3 = never, I4 = never>(this: S, a: Next<S, I1, A>, b: Next<A, I2, B>, c: Next<B, I3, C>, d: Next<C, I4, D>): D
  <S, A = Unclear, B = Unclear, C = Unclear, D = Unclear, E = Unclear, I1 = never, I2 = never, I3 = never, I4 = never, I5 = never>(this: S, a: Next<S, I1, A>, b: Next<A, I2, B>, c: Next<B, I3, C>, d: Next<C, I4, D>, e: Next<D, I5, E>): E
  <S, A = Unclear, B = Unclear, C = Unclear, D = Unclear, E = Unclear, F = Unclear, I1 = never, I2 = never, I3 = never, I4 = never, I5 = never, I6 = never>(this: S, a: Next<S, I1, A>, b: Next<A, I2, B>, c: Next<B, I3, C>, d: Next<C, I4, D>, e: Next<D, I5, E>, f: Next<E, I6, F>): F
  <S, A = Unclear, B = Unclear, C = Unclear, D = Unclear, E = Unclear, F = Unclear, G = Unclear, I1 = never, I2 = never, I3 = never, I4 = never, I5 = never, I6 = never, I7 = never>(this: S, a: Next<S, I1, A>, b: Next<A, I2, B>, c: Next<B, I3, C>, d: Next<C, I4, D>, e: Next<D, I5, E>, f: Next<E, I6, F>, g: Next<F, I7, G>): G
  <S, A = Unclear, B = Unclear, C = Unclear, D = Unclear, E = Unclear, F = Unclear, G = Unclear, H = Unclear, I1 = never, I2 = never, I3 = never, I4 = never, I5 = never, I6 = never, I7 = never, I8 = never>(this: S, a: Next<S, I1, A>, b: Next<A, I2, B>, c: Next<B, I3, C>, d: Next<C, I4, D>, e: Next<D, I5, E>, f: Next<E, I6, F>, g: Next<F, I7, G>, h: Next<G, I8, H>): H
  <S, A = Unclear, B = Unclear, C = Unclear, D = Unclear, E = Unclear, F = Unclear, G = Unclear, H = Unclear, I = Unclear, I1 = never, I2 = never, I3 = never, I4 = never, I5 = never, I6 = never, I7 = never, I8 = never, I9 = never>(this: S, a: Next<S, I1, A>, b: Next<A, I2, B>, c: Next<B, I3, C>, d: Next<C, I4, D>, e: Next<D, I5, E>, f: Next<E, I6, F>, g: Next<F, I7, G>, h: Next<G, I8, H>, i: Next<H, I9, I>): I
  <S, A = Unclear, B = Unclear, C = Unclear, D = Unclear, E = Unclear, F = Unclear, G = Unclear, H = Unclear, I = Unclear, J = Unclear, I1 = never, I2 = never, I3 = never, I4 = never, I5 = never, I6 = never, I7 = never, I8 = never, I9 = never, I10 = never>(this: S, a: Next<S, I1, A>, b: Next<A, I2, B>, c: Next<B, I3, C>, d: Next<C, I4, D>, e: Next<D, I5, E>, f: Next<E, I6, F>, g: Next<F, I7, G>, h: Next<G, I8, H>, i: Next<H, I9, I>, j: Next<I, I10, J>): J
  <S, A = Unclear, B = Unclear, C = Unclear, D = Unclear, E = Unclear, F = Unclear, G = Unclear, H = Unclear, I = Unclear, J = Unclear, K = Unclear, I1 = never, I2 = never, I3 = never, I4 = never, I5 = never, I6 = never, I7 = never, I8 = never, I9 = never, I10 = never, I11 = never>(this: S, a: Next<S, I1, A>, b: Next<A, I2, B>, c: Next<B, I3, C>, d: Next<C, I4, D>, e: Next<D, I5, E>, f: Next<E, I6, F>, g: Next<F, I7, G>, h: Next<G, I8, H>, i: Next<H, I9, I>, j: Next<I, I10, J>, k: Next<J, I11, K>): K
  <S, A = Unclear, B = Unclear, C = Unclear, D = Unclear, E = Unclear, F = Unclear, G = Unclear, H = Unclear, I = Unclear, J = Unclear, K = Unclear, L = Unclear, I1 = never, I2 = never, I3 = never, I4 = never, I5 = never, I6 = never, I7 = never, I8 = never, I9 = never, I10 = never, I11 = never, I12 = never>(this: S, a: Next<S, I1, A>, b: Next<A, I2, B>, c: Next<B, I3, C>, d: Next<C, I4, D>, e: Next<D, I5, E>, f: Next<E, I6, F>, g: Next<F, I7, G>, h: Next<G, I8, H>, i: Next<H, I9, I>, j: Next<I, I10, J>, k: Next<J, I11, K>, l: Next<K, I12, L>): L
}
