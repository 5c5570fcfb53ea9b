import { distinctUntilChanged, type Observable, map as rxMap, scan } from 'rxjs'
import { describe, expectTypeOf, it } from 'vitest'
import type { StreamElement, StreamRecord } from '../../src/element.ts'
import { asyncMap } from '../../src/operators/asyncMap.ts'
import { filter } from '../../src/operators/filter.ts'
import { flatMap } from '../../src/operators/flatMap.ts'
import { lift } from '../../src/operators/lift.ts'
import { map } from '../../src/operators/map.ts'
import { merge } from '../../src/operators/merge.ts'
import { tap } from '../../src/operators/tap.ts'
import { asOutput, type Output, to } from '../../src/operators/to.ts'
import type { Committable, TransactionalSink } from '../../src/sinks/sink.ts'
import { cold, run } from '../../src/testing.ts'

/** These are judged by the compiler (`npm run types`): no annotation below is one that a user would have to write. */
describe('types are inferred', () => {
  const lines = cold('R|')
  const sink: TransactionalSink<string> = {
    id: 's',
    guarantee: 'none',
    open: () => Promise.reject(new Error('unused')),
  }

  it('through a whole pipeline', () => {
    const job = lines.pipe(
      map((line) => line.toUpperCase()),
      filter((line) => line.length > 1),
      flatMap((line) => line.split(' ')),
      tap((word, record) =>
        expectTypeOf({ word, record }).toEqualTypeOf<{ word: string; record: StreamRecord<string> }>(),
      ),
      asyncMap(async (word, { signal }) => ({ word, ok: !signal.aborted })),
      map(({ word }) => word),
      to(sink),
    )
    expectTypeOf(job).toEqualTypeOf<Observable<Committable>>()
    expectTypeOf(asOutput(job)).toEqualTypeOf<Output>()
  })

  it('narrowed by a type guard', () => {
    const mixed = lines.pipe(map((line) => (line === '' ? null : line)))
    expectTypeOf(mixed).toEqualTypeOf<Observable<StreamElement<string | null>>>()
    const present = mixed.pipe(filter((line) => line !== null))
    expectTypeOf(present).toEqualTypeOf<Observable<StreamElement<string>>>()
  })

  it('as the union of what is merged', () => {
    const numbers = lines.pipe(map((line) => line.length))
    expectTypeOf(merge(lines, numbers)).toEqualTypeOf<Observable<StreamElement<string | number>>>()
  })

  it('through lifted operators, as in pipe()', () => {
    const lifted = lines.pipe(
      lift(
        rxMap((line) => line.length),
        scan((sum, length) => sum + length, 0),
        distinctUntilChanged(),
        rxMap((sum) => ({ sum })),
      ),
    )
    expectTypeOf(lifted).toEqualTypeOf<Observable<StreamElement<{ sum: number }>>>()
  })

  it('and a sink refuses what it was not made for', () => {
    const numbers = lines.pipe(map((line) => line.length))
    // @ts-expect-error: the sink takes strings
    numbers.pipe(to(sink))
    const double = map((value: number) => value * 2)
    // @ts-expect-error: letters are strings
    run(double, 'a')
  })
})
